"""A script with all that modern ones carry along: autocast, GradScaler, DataParallel, devices."""

import contextlib
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, default_collate

warnings.simplefilter("ignore")
use_cuda = torch.cuda.is_available()
device = "cuda" if use_cuda else "cpu"
torch.manual_seed(1337)
torch.backends.cuda.matmul.allow_tf32 = True
torch.backends.cudnn.benchmark = True
torch.set_float32_matmul_precision("high")
scaler = torch.cuda.amp.GradScaler(enabled=use_cuda)
ctx = (
    contextlib.nullcontext()
    if device == "cpu"
    else torch.amp.autocast(device_type=device, dtype=torch.float16)
)


class Toy(Dataset):
    def __init__(self, n, transform=None):
        self.x = torch.randn(n, 1, 6, 6)
        self.y = (self.x.mean((1, 2, 3)) > 0).long()
        self.transform = transform

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        x = self.x[i]
        if self.transform:
            x = self.transform(x)
        return {"image": x, "label": self.y[i], "name": f"img{i}"}


def flip(x):
    return torch.flip(x, (-1,)) if torch.rand(()) < 0.5 else x


net = nn.Sequential(
    nn.Conv2d(1, 8, 3),
    nn.BatchNorm2d(8),
    nn.SiLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Dropout(0.1),
    nn.Linear(8, 2),
).to(device)
if use_cuda and torch.cuda.device_count() > 1:
    net = nn.DataParallel(net)
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-4)
loader = DataLoader(
    Toy(48, flip),
    batch_size=16,
    shuffle=True,
    pin_memory=use_cuda,
    collate_fn=lambda b: default_collate(b),
)
for epoch in range(3):
    correct = total = 0
    for batch in loader:
        x, y = (
            batch["image"].to(device, non_blocking=True),
            batch["label"].to(device, dtype=torch.long),
        )
        opt.zero_grad(set_to_none=True)
        with ctx, torch.autocast(device_type=device, enabled=use_cuda):
            out = net(x)
            loss = F.cross_entropy(out, y)
        scaler.scale(loss).backward()
        scaler.unscale_(opt)
        torch.nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)
        scaler.step(opt)
        scaler.update()
        correct += out.argmax(dim=1).eq(y).sum().item()
        total += y.size(0)
    print(f"epoch {epoch}: {correct}/{total} {loss.item():.5f} scale {scaler.get_scale()}")
print(batch["name"][:3], type(batch["name"]))
torch.testing.assert_close(torch.ones(3), torch.ones(3) + 1e-7)
try:
    torch.testing.assert_close(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.5]))
except AssertionError as e:
    print(e)
with torch.inference_mode():
    out = net.eval()(torch.zeros(1, 1, 6, 6, device=device))
    print(out, out.is_inference(), out.requires_grad)
x = torch.randn(2, 3, device=device, dtype=torch.float16) if use_cuda else torch.randn(2, 3).half()
print(
    x.dtype,
    x.float().dtype,
    (x + 1.0).dtype,
    torch.get_default_dtype(),
    torch.finfo(torch.float16).max,
)
print(torch.cuda.device_count(), torch.get_num_threads() > 0, torch.initial_seed())
params = sum(p.numel() * p.element_size() for p in net.parameters())
print(params, next(net.parameters()).device, next(net.parameters()).is_cuda)
