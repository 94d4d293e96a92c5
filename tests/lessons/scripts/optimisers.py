"""Every optimiser on one valley, and three of them written out by hand."""

import torch
from torch import nn, optim

torch.manual_seed(50)
torch.set_default_dtype(torch.float64)


def valley(p):
    x, y = p
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2


OPTIMISERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.01),
    "momentum": lambda p: optim.SGD(p, lr=0.005, momentum=0.9, dampening=0.1),
    "Nesterov": lambda p: optim.SGD(p, lr=0.005, momentum=0.9, nesterov=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.3),
    "Adadelta": lambda p: optim.Adadelta(p, lr=5.0),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.05, alpha=0.9, centered=True, momentum=0.1),
    "Adam": lambda p: optim.Adam(p, lr=0.1, amsgrad=True),
    "AdamW": lambda p: optim.AdamW(p, lr=0.1, weight_decay=0.1),
    "Adamax": lambda p: optim.Adamax(p, lr=0.1),
    "NAdam": lambda p: optim.NAdam(p, lr=0.1),
    "RAdam": lambda p: optim.RAdam(p, lr=0.1),
    "Rprop": lambda p: optim.Rprop(p, lr=0.05),
    "ASGD": lambda p: optim.ASGD(p, lr=0.01),
    "LBFGS": lambda p: optim.LBFGS(p, lr=0.5, line_search_fn="strong_wolfe"),
}
for name, make in OPTIMISERS.items():
    p = nn.Parameter(torch.tensor([1.0, 1.0]))
    optimizer = make([p])

    def closure():
        optimizer.zero_grad()
        loss = valley(p)
        loss.backward()
        return loss

    losses = [optimizer.step(closure).item() for _ in range(12)]
    print(f"{name:9}", *(f"{v:.5f}" for v in losses[::4]), p.data.numpy().round(5))


class Momentum:
    def __init__(self, params, lr, beta):
        self.params, self.lr, self.beta = list(params), lr, beta
        self.v = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v, strict=True):
            v.mul_(self.beta).add_(p.grad)
            p.sub_(self.lr * v)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


class Adam(optim.Optimizer):
    """A subclass of Optimizer brings groups, state and state_dict along."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["step"] = 0
                    state["m"] = torch.zeros_like(p)
                    state["v"] = torch.zeros_like(p)
                state["step"] += 1
                state["m"].lerp_(p.grad, 1 - b1)
                state["v"].mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
                m = state["m"] / (1 - b1 ** state["step"])
                v = state["v"] / (1 - b2 ** state["step"])
                p.addcdiv_(m, v.sqrt().add_(group["eps"]), value=-group["lr"])


X = torch.randn(40, 3)
y = X @ torch.tensor([1.0, -2.0, 3.0]) + 0.5
for mine, theirs in [
    (lambda p: Momentum(p, 0.05, 0.9), lambda p: optim.SGD(p, lr=0.05, momentum=0.9)),
    (lambda p: Adam(p, lr=0.1), lambda p: optim.Adam(p, lr=0.1)),
]:
    results = []
    for make in (mine, theirs):
        torch.manual_seed(0)
        model = nn.Linear(3, 1)
        optimizer = make(model.parameters())
        for _ in range(20):
            loss = nn.functional.mse_loss(model(X).squeeze(1), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        results.append(torch.cat([model.weight.flatten(), model.bias]).detach())
    print(torch.allclose(*results), results[0], f"loss {loss.item():.6f}")
print(optimizer)
state = optimizer.state_dict()
print(state["state"][0]["step"], sorted(state["state"][0]), state["param_groups"])
print(Adam(model.parameters(), lr=0.2))
optimizer.add_param_group({"params": [nn.Parameter(torch.zeros(2))], "lr": 0.5})
print(len(optimizer.param_groups), [g["lr"] for g in optimizer.param_groups])
try:
    optim.SGD([], lr=0.1)
except ValueError as error:
    print(str(error).split(".")[0])
averaged = optim.swa_utils.AveragedModel(model)
averaged.update_parameters(model)
print(averaged.n_averaged, torch.equal(averaged.module.weight, model.weight))
