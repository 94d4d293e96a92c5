"""nn.Module from all sides: parameters, buffers, containers, hooks, printing, saving."""

import tempfile
from collections import OrderedDict
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(40)


class Block(nn.Module):
    def __init__(self, n, scale=1.0):
        super().__init__()
        self.fc = nn.Linear(n, n, bias=False)
        self.gain = nn.Parameter(torch.tensor(scale))
        self.register_buffer("calls", torch.tensor(0))
        self.register_buffer("scratch", torch.zeros(2), persistent=False)
        self.register_parameter("nothing", None)

    def forward(self, x):
        self.calls += 1
        return x + self.gain * F.silu(self.fc(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            OrderedDict([("conv", nn.Conv1d(1, 2, 3, stride=2, dilation=2)), ("act", nn.ELU(0.5))])
        )
        self.blocks = nn.ModuleList([Block(4), Block(4, 0.5)])
        self.heads = nn.ModuleDict({"mean": nn.Linear(4, 1), "scale": nn.Linear(4, 1)})
        self.offsets = nn.ParameterList([nn.Parameter(torch.zeros(2)) for _ in range(2)])
        self.act = nn.Softplus()

    def forward(self, x):
        h = self.stem(x).flatten(1)
        for block in self.blocks:
            h = block(h)
        return self.heads["mean"](h), self.act(self.heads["scale"](h))


net = Net()
print(net)
print("-" * 40)
for name, p in net.named_parameters():
    print(f"{name:20} {str(list(p.shape)):12} {p.numel():3} {p.dtype} {p.requires_grad}")
print([name for name, _ in net.named_buffers()])
print([name for name, _ in net.named_children()])
print([type(m).__name__ for m in net.modules()])
print(list(net.state_dict()))
x = torch.randn(3, 1, 7)
mean, scale = net(x)
print(mean.shape, scale.flatten(), net.blocks[0].calls)
nll = 0.5 * ((mean - 1) / scale) ** 2 + scale.log()
nll.mean().backward()
print({n: round(p.grad.norm().item(), 4) for n, p in net.named_parameters() if p.grad is not None})
net.zero_grad()
print(all(p.grad is None for p in net.parameters()))

shapes = {}
handles = [
    m.register_forward_hook(lambda m, i, o, n=n: shapes.update({n: tuple(o.shape)}))
    for n, m in net.named_modules()
    if isinstance(m, (nn.Linear, nn.Conv1d))
]
net(x)
for h in handles:
    h.remove()
print(shapes)
grads = []
handle = net.heads["mean"].register_full_backward_hook(lambda m, gi, go: grads.append(go[0].sum()))
net(x)[0].sum().backward()
handle.remove()
print(grads)
pre = net.register_forward_pre_hook(lambda m, args: (args[0] * 0,))
print(torch.equal(net(x)[0][0], net(x)[0][1]))
pre.remove()

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "checkpoint.pt"
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net(x)[0].sum().backward()
    optimizer.step()
    torch.save({"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict()}, path)
    checkpoint = torch.load(path)
print(checkpoint["epoch"], list(checkpoint), checkpoint["optimizer"]["param_groups"][0]["momentum"])
twin = Net()
print(twin.load_state_dict(checkpoint["model"]))
optimizer = torch.optim.SGD(twin.parameters(), lr=0.1)
optimizer.load_state_dict(checkpoint["optimizer"])
print(torch.equal(twin(x)[0], net(x)[0]), optimizer.param_groups[0]["lr"], len(optimizer.state))
print(net.double().stem.conv.weight.dtype, net.float().training, net.eval().blocks[1].training)
net.requires_grad_(False)
print(sum(p.requires_grad for p in net.parameters()))
print(net.get_parameter("blocks.0.gain"), net.get_submodule("stem.act"))
try:
    net.missing
except AttributeError as error:
    print(str(error).split("'")[3])
mlp = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
mlp.append(nn.Linear(3, 1))
mlp.add_module("last", nn.Sigmoid())
print(mlp, len(mlp), mlp[0], mlp[-1], mlp[:2])
print(torch.nn.utils.parameters_to_vector(mlp.parameters()).shape)
print(nn.ParameterList([nn.Parameter(torch.ones(2))]), nn.ParameterDict({"a": torch.ones(1)}))
lazy = nn.LazyLinear(4)
print(lazy)
lazy(torch.ones(2, 7))
print(lazy, lazy.weight.shape)
print(
    torch.func.functional_call(
        mlp[0], {"weight": torch.ones(3, 2), "bias": torch.zeros(3)}, torch.ones(1, 2)
    )
)
