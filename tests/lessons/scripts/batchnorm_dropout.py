"""What differs between net.train() and net.eval(): batch norm and dropout, looked at closely."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(12)
x = torch.randn(6, 3) * torch.tensor([1.0, 2.0, 0.5]) + torch.tensor([0.0, 5.0, -1.0])

bn = nn.BatchNorm1d(3)
print(bn)
print(list(bn.state_dict()))
out = bn(x)
print("mean is 0:", out.mean(0).abs() < 1e-5, "std", out.std(0, unbiased=False))
by_hand = (x - x.mean(dim=0)) / torch.sqrt(x.var(dim=0, unbiased=False) + bn.eps)
print(torch.allclose(out, by_hand, atol=1e-6))
print("running mean", bn.running_mean)
print("running var", bn.running_var, bn.num_batches_tracked)
print(torch.allclose(bn.running_var, 0.9 + 0.1 * x.var(0)))
bn.eval()
print("in eval:", bn(x)[0], "mean", bn(x).mean(0))

drop = nn.Dropout(p=0.4)
ones = torch.ones(2, 8)
print("train:", drop(ones))
drop.eval()
print("eval:", drop(ones))
print("functional:", F.dropout(ones, p=0.5, training=True))
big = F.dropout(torch.ones(10_000), 0.3)
print(f"mean {big.mean():.3f} zeros {(big == 0).float().mean():.3f} kept value {big.max():.4f}")
print(nn.Dropout2d(0.5)(torch.ones(1, 4, 2, 2)).sum((2, 3)))


class Net(nn.Module):
    def __init__(self, norm):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1, bias=False)
        self.norm = norm
        self.drop = nn.Dropout2d(0.2)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        x = self.drop(F.relu(self.norm(self.conv(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


images = torch.rand(16, 1, 6, 6)
images[8:, :, 2:4] += 1.0
labels = torch.arange(16) // 8
norms = [
    nn.BatchNorm2d(4),
    nn.GroupNorm(2, 4),
    nn.InstanceNorm2d(4, affine=True),
    nn.LayerNorm([4, 6, 6]),
    nn.Identity(),
]
for norm in norms:
    torch.manual_seed(1)
    net = Net(norm)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    net.train()
    for _ in range(8):
        loss = F.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    train_loss = loss.item()
    net.eval()
    with torch.no_grad():
        a, b = net(images), net(images)
    print(norm)
    print(
        f"  train {train_loss:.4f} eval {F.cross_entropy(a, labels).item():.4f}",
        "same twice:", torch.equal(a, b), "training:", net.training, norm.training,
    )  # fmt: skip

net = Net(nn.BatchNorm2d(4, momentum=0.5))
for _ in range(3):
    net(images)
print(net.norm.running_mean, int(net.norm.num_batches_tracked))
print({name: b.shape for name, b in net.named_buffers()})
print({k: v.dtype for k, v in net.state_dict().items()})

ln = nn.LayerNorm(4, elementwise_affine=False)
z = torch.arange(8.0).view(2, 4)
print(ln(z), F.layer_norm(z, (4,)), nn.RMSNorm(4)(z))

# Monte Carlo dropout: many passes in train mode give a spread.
mlp = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Dropout(0.25), nn.Linear(32, 1))
mlp.train()
with torch.no_grad():
    passes = torch.stack([mlp(torch.tensor([[0.5], [2.0]])) for _ in range(50)])
print("mean", passes.mean(0).squeeze(), "std", passes.std(0).squeeze())
