"""How weights start: nn.init, what it does to the activations of a deep net, and to learning."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(10)

w = torch.empty(4, 6)
for name, init in {
    "uniform_": lambda w: nn.init.uniform_(w, a=-1.0, b=1.0),
    "normal_": lambda w: nn.init.normal_(w, mean=0.0, std=0.5),
    "constant_": lambda w: nn.init.constant_(w, 0.3),
    "ones_": nn.init.ones_,
    "zeros_": nn.init.zeros_,
    "eye_": nn.init.eye_,
    "xavier_uniform_": lambda w: nn.init.xavier_uniform_(w, gain=nn.init.calculate_gain("relu")),
    "xavier_normal_": nn.init.xavier_normal_,
    "kaiming_uniform_": lambda w: nn.init.kaiming_uniform_(w, a=math.sqrt(5)),
    "kaiming_normal_": lambda w: nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
    "trunc_normal_": lambda w: nn.init.trunc_normal_(w, std=0.02),
    "orthogonal_": nn.init.orthogonal_,
    "sparse_": lambda w: nn.init.sparse_(w, sparsity=0.5),
}.items():
    init(w)
    print(f"{name:17} mean {w.mean():+.4f} std {w.std():.4f} first {w[0, 0]:+.4f}")
nn.init.orthogonal_(w)
print((w @ w.T - torch.eye(4)).abs().max() < 1e-5)
print({f: round(nn.init.calculate_gain(f), 4) for f in ("linear", "sigmoid", "tanh", "relu")})
print(nn.init.calculate_gain("leaky_relu", 0.2))
print(nn.init._calculate_fan_in_and_fan_out(torch.empty(8, 3, 5, 5)))


def deep(width=32, depth=8, activation=torch.tanh, scale=lambda n: 1 / math.sqrt(n)):
    h = torch.randn(64, width)
    stds = []
    for _ in range(depth):
        h = activation(h @ (torch.randn(width, width) * scale(width)))
        stds.append(f"{h.std().item():.3f}")
    return " ".join(stds)


print("too small:", deep(scale=lambda n: 0.01))
print("too large:", deep(scale=lambda n: 1.0))
print("Xavier:   ", deep())
print("He:       ", deep(activation=torch.relu, scale=lambda n: math.sqrt(2 / n)))


class Net(nn.Module):
    def __init__(self, depth=5, width=16):
        super().__init__()
        self.inp = nn.Linear(4, width)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        x = F.relu(self.inp(x))
        for layer in self.hidden:
            x = F.relu(layer(x))
        return self.out(x)


def init_weights(m):
    if type(m) is nn.Linear:
        nn.init.kaiming_uniform_(m.weight, nonlinearity="relu")
        m.bias.data.fill_(0.01)


def tiny_weights(m):
    if isinstance(m, nn.Linear):
        with torch.no_grad():
            m.weight.normal_(0, 0.05)
            m.bias.zero_()


X = torch.randn(48, 4)
Y = X.prod(dim=1, keepdim=True).tanh()
for name, rule in {"default": None, "kaiming": init_weights, "tiny": tiny_weights}.items():
    torch.manual_seed(0)
    net = Net()
    if rule:
        net.apply(rule)
    loss = F.mse_loss(net(X), Y)
    loss.backward()
    grads = [f"{layer.weight.grad.norm().item():.2e}" for layer in net.hidden]
    print(f"{name:8} loss {loss.item():.4f}", *grads)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(10):
        optimizer.zero_grad()
        loss = F.mse_loss(net(X), Y)
        loss.backward()
        optimizer.step()
    print(f"         after ten steps {loss.item():.4f}")
print(net)
layer = nn.Linear(2, 2)
layer.reset_parameters()
print(layer.weight, layer.bias)
