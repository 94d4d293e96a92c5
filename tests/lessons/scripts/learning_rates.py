"""What the schedulers do to the learning rate, one after the other, and warm-up by hand."""

import math
import warnings

import torch
from torch import nn, optim
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, StepLR

warnings.filterwarnings("ignore")
torch.manual_seed(0)
weight = nn.Parameter(torch.tensor([1.0, -1.0]))


def trace(make, steps=10):
    optimizer = optim.SGD([weight], lr=0.1)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return " ".join(f"{rate:.4f}" for rate in rates)


SCHEDULES = {
    "StepLR": lambda o: StepLR(o, step_size=3, gamma=0.5),
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, milestones=[2, 6], gamma=0.1),
    "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, gamma=0.9),
    "LambdaLR": lambda o: LambdaLR(o, lr_lambda=lambda epoch: 1 / (1 + epoch)),
    "CosineAnnealingLR": lambda o: CosineAnnealingLR(o, T_max=8, eta_min=0.001),
    "WarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=4, T_mult=2),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, max_lr=0.5, total_steps=12),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=3),
    "LinearLR": lambda o: lr_scheduler.LinearLR(o, start_factor=0.25, total_iters=4),
    "PolynomialLR": lambda o: lr_scheduler.PolynomialLR(o, total_iters=8, power=2.0),
    "ConstantLR": lambda o: lr_scheduler.ConstantLR(o, factor=0.5, total_iters=3),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o,
        [lr_scheduler.LinearLR(o, 0.1, total_iters=3), CosineAnnealingLR(o, T_max=7)],
        milestones=[3],
    ),
}
for name, make in SCHEDULES.items():
    print(f"{name:18}", trace(make))


def warmup_cosine(step, warmup=4, total=12):
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


X = torch.randn(64, 4)
y = X @ torch.tensor([1.0, 2.0, -1.0, 0.5]) + 0.1 * torch.randn(64)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1), nn.Flatten(0))
optimizer = optim.Adam(
    [{"params": model[0].parameters()}, {"params": model[2].parameters(), "lr": 0.01}], lr=0.05
)
scheduler = LambdaLR(optimizer, lr_lambda=[warmup_cosine, lambda step: 0.95**step])
for step in range(12):
    loss = nn.functional.mse_loss(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    if step % 3 == 0:
        print(f"{step:2d} {loss.item():.4f}", [round(v, 5) for v in scheduler.get_last_lr()])
print(optimizer)

# The rate falls when the loss stops falling.
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
plateau = lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.2, patience=1)
for value in [1.0, 0.9, 0.91, 0.92, 0.93, 0.5, 0.6, 0.6, 0.6]:
    plateau.step(value)
    print(f"{value} -> {optimizer.param_groups[0]['lr']:.4f}")
print(plateau.state_dict()["best"], plateau.num_bad_epochs)
state = scheduler.state_dict()
print(state["last_epoch"], state["base_lrs"])
