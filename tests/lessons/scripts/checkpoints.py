"""Saving and loading; hooks for features and gradients; averages; freezing; weight norm."""

import copy
import os
import tempfile

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
from torch.optim.swa_utils import SWALR, AveragedModel, get_ema_multi_avg_fn, update_bn

torch.manual_seed(33)
tmp = tempfile.mkdtemp()


class TheModelClass(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3)
        self.bn = nn.BatchNorm2d(4)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(4 * 3 * 3, 8)
        self.fc2 = nn.Linear(8, 3)

    def forward(self, x):
        x = self.pool(F.relu(self.bn(self.conv1(x))))
        x = F.relu(self.fc1(x.view(-1, 36)))
        return self.fc2(x)


model = TheModelClass()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
sched = SequentialLR(
    optimizer,
    [LinearLR(optimizer, 0.1, total_iters=3), CosineAnnealingLR(optimizer, 5)],
    milestones=[3],
)
ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
activation = {}


def get_activation(name):
    def hook(model, input, output):
        activation[name] = output.detach()

    return hook


handles = [
    model.fc1.register_forward_hook(get_activation("fc1")),
    model.pool.register_forward_hook(get_activation("pool")),
]
grads = []
bh = model.fc2.register_full_backward_hook(
    lambda m, gi, go: grads.append((gi[0].norm().item(), go[0].norm().item()))
)
pre = model.fc1.register_forward_pre_hook(lambda m, inp: (inp[0] * 2,))
model.fc1.weight.register_hook(lambda g: g.clamp(-0.01, 0.01))
x, y = torch.randn(12, 1, 8, 8), torch.randint(3, (12,))
for epoch in range(6):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    sched.step()
    ema.update_parameters(model)
print(
    loss,
    activation["fc1"].shape,
    activation["pool"].mean(),
    grads[-1],
    model.fc1.weight.grad.abs().max(),
    sched.get_last_lr(),
)
for h in [*handles, pre, bh]:
    h.remove()
print("Model's state_dict:")
for param_tensor in model.state_dict():
    print(param_tensor, "\t", model.state_dict()[param_tensor].size())
for var_name in optimizer.state_dict():
    print(
        var_name,
        "\t",
        optimizer.state_dict()[var_name]
        if var_name == "param_groups"
        else len(optimizer.state_dict()[var_name]),
    )
torch.save(model.state_dict(), os.path.join(tmp, "model.pt"))
other = TheModelClass()
print(other.load_state_dict(torch.load(os.path.join(tmp, "model.pt"), weights_only=True)))
other.eval()
model.eval()
with torch.no_grad():
    print(
        other(x).sum() == other(x).sum(),
        (other.bn.running_mean - model.bn.running_mean).abs().max(),
    )
torch.save(
    {
        "epoch": 5,
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "loss": loss.item(),
    },
    os.path.join(tmp, "ckpt.pt"),
)
checkpoint = torch.load(os.path.join(tmp, "ckpt.pt"), weights_only=True, map_location="cpu")
print(checkpoint["epoch"], checkpoint["loss"], sorted(checkpoint))
opt2 = torch.optim.SGD(other.parameters(), lr=1.0)
opt2.load_state_dict(checkpoint["optimizer_state_dict"])
print(opt2)
missing = other.load_state_dict(
    {k: v for k, v in model.state_dict().items() if not k.startswith("fc2")}, strict=False
)
print(missing)
try:
    other.load_state_dict({"fc1.weight": torch.zeros(2, 2)})
except RuntimeError as e:
    print(str(e).splitlines()[0])
ema.eval()
update_bn(torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=6), ema)
print(ema.module.fc2.bias, ema.n_averaged, ema(x)[0])
swa = SWALR(optimizer, anneal_strategy="linear", anneal_epochs=3, swa_lr=0.5)
for _ in range(4):
    swa.step()
    print(optimizer.param_groups[0]["lr"])
frozen = copy.deepcopy(model)
for name, p in frozen.named_parameters():
    p.requires_grad = "fc2" in name
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, frozen.parameters()))
frozen.train()
F.cross_entropy(frozen(x), y).backward()
print(
    [n for n, p in frozen.named_parameters() if p.grad is not None], frozen.fc2.weight.grad.norm()
)
wn = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
print(wn, [k for k in wn.state_dict()])
wn(torch.ones(1, 3)).sum().backward()
print(wn.parametrizations.weight.original0.grad.shape)
