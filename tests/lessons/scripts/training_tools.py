"""A learning-rate finder, accumulated gradients, schedulers, kinds of datasets, metrics."""

import math

import torch
import torch.nn as nn
from torch.optim.lr_scheduler import LambdaLR, OneCycleLR, ReduceLROnPlateau
from torch.utils.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    IterableDataset,
    SequentialSampler,
    TensorDataset,
    get_worker_info,
)

torch.manual_seed(100)
X = torch.randn(96, 6)
w = torch.randn(6, 1)
Y = X.mm(w) + 0.1 * torch.randn(96, 1)
ds = ConcatDataset([TensorDataset(X[:50], Y[:50]), TensorDataset(X[50:], Y[50:])])
loader = DataLoader(ds, batch_size=16, shuffle=True, num_workers=0, drop_last=False)
net = nn.Sequential(nn.Linear(6, 12), nn.GELU(), nn.LayerNorm(12), nn.Linear(12, 1))
state = {k: v.clone() for k, v in net.state_dict().items()}
opt = torch.optim.SGD(net.parameters(), lr=1e-4)
sched = LambdaLR(opt, lambda i: 1.8**i)
best, lrs = math.inf, []
for i, (x, y) in enumerate(loader):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    lrs.append((sched.get_last_lr()[0], round(loss.item(), 4)))
    sched.step()
print(lrs)
net.load_state_dict(state)
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
one = OneCycleLR(opt, max_lr=0.02, total_steps=12, pct_start=0.3)
accum = 2
for epoch in range(4):
    running = torch.zeros(())
    for i, (x, y) in enumerate(loader):
        loss = nn.HuberLoss()(net(x), y) / accum
        loss.backward()
        running += loss.detach()
        if (i + 1) % accum == 0 or i + 1 == len(loader):
            grads = [p.grad for p in net.parameters()]
            total = torch.norm(torch.stack([g.norm(2) for g in grads]), 2)
            opt.step()
            opt.zero_grad()
            one.step()
    print(
        f"{epoch} {running:.5f} {total:.5f} {one.get_last_lr()[0]:.6f}",
        opt.param_groups[0]["betas"],
    )
plateau = ReduceLROnPlateau(opt, "min", factor=0.1, patience=1)
for m in [1.0, 0.9, 0.95, 0.96, 0.97, 0.5]:
    plateau.step(m)
    print(opt.param_groups[0]["lr"], plateau.num_bad_epochs)


class Stream(IterableDataset):
    def __init__(self, start, end):
        self.start, self.end = start, end

    def __iter__(self):
        assert get_worker_info() is None
        return iter(range(self.start, self.end))


print([b.tolist() for b in DataLoader(Stream(3, 10), batch_size=3)])
print(list(BatchSampler(SequentialSampler(range(10)), batch_size=3, drop_last=True)))
preds = torch.tensor([0.9, 0.2, 0.6, 0.4, 0.8])
truth = torch.tensor([1, 0, 0, 1, 1])
hat = (preds > 0.5).long()
tp = ((hat == 1) & (truth == 1)).sum().item()
conf = torch.zeros(2, 2, dtype=torch.int64)
for t, p in zip(truth, hat):
    conf[t.long(), p.long()] += 1
print(
    tp, conf, (hat == truth).float().mean(), torch.bincount(truth * 2 + hat, minlength=4).view(2, 2)
)
order = preds.argsort(descending=True)
tps = truth[order].cumsum(0)
fps = (1 - truth[order]).cumsum(0)
print(
    tps / tps[-1], fps / fps[-1], torch.quantile(preds, torch.tensor([0.25, 0.5])), preds.median()
)
print(torch.trapezoid((tps / tps[-1]), fps / fps[-1]), torch.trapz(preds))
hist = torch.histc(preds, bins=4, min=0, max=1)
print(hist, torch.bucketize(preds, torch.linspace(0, 1, 5)))
