"""Autograd: leaves, graphs, accumulation, no_grad, detach, hooks, errors, higher derivatives."""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * x + 2
z = y.mean()
print(x.requires_grad, y.requires_grad, x.is_leaf, y.is_leaf)
print(x, y, z)
print(x.grad_fn, y.grad_fn.name(), z.grad_fn.next_functions[0][0].name())
z.backward()
print(x.grad, 2 * x / 3)

x.grad.zero_()
(x**2).sum().backward()
(x**2).sum().backward()
print("twice:", x.grad)
x.grad = None

v = torch.tensor([0.1, 1.0, 0.01])
(x * 2).backward(v)
print(x.grad)

y = x.exp()
y.sum().backward(retain_graph=True)
y.sum().backward()
try:
    y.sum().backward()
except RuntimeError as error:
    print("RuntimeError:", str(error)[:51])
try:
    (x * 2).backward()
except RuntimeError as error:
    print("RuntimeError:", str(error)[:54])
try:
    torch.ones(2).sum().backward()
except RuntimeError as error:
    print("RuntimeError:", str(error)[:54])

with torch.no_grad():
    print((x * 2).requires_grad, torch.is_grad_enabled())
print(x.detach().requires_grad, (x * 2).detach() is x)


@torch.no_grad()
def f(x):
    return x * 3


print(f(x))
with torch.set_grad_enabled(False):
    print((x + 1).requires_grad)
with torch.inference_mode():
    print((x + 1).is_inference())

w = torch.randn(2, 2, generator=torch.Generator().manual_seed(0), requires_grad=True)
try:
    w += 1
except RuntimeError as error:
    print(str(error).split(".")[0])
y = w.sigmoid()
y.mul_(2)
try:
    y.sum().backward()
except RuntimeError as error:
    print(str(error).split(":")[0])
with torch.no_grad():
    w -= 0.1 * torch.ones_like(w)
print(w)
w.data.fill_(1.0)
print(w, w.grad)

a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(3.0, requires_grad=True)
q = 3 * a**3 - b**2
print(torch.autograd.grad(q, [a, b]), a.grad)
(da,) = torch.autograd.grad(a**4, a, create_graph=True)
(dda,) = torch.autograd.grad(da, a, create_graph=True)
(ddda,) = torch.autograd.grad(dda, a)
print(da, dda, ddda)
unused = torch.autograd.grad(a * 2, [a, b], allow_unused=True)
print(unused)

mid = a * b
mid.retain_grad()
mid.register_hook(lambda g: print("hook:", g))
(mid**2).backward()
print(mid.grad, a.grad, b.grad)
handle = a.register_hook(lambda g: g * 10)
a.grad = None
(a * 1).backward()
handle.remove()
print(a.grad)

s = torch.tensor([1.0, -1.0, 0.0], requires_grad=True)
for name in ("abs", "relu", "sigmoid", "tanh", "sin", "exp"):
    (g,) = torch.autograd.grad(getattr(s, name)().sum(), s)
    print(f"{name:8}", g)
m = torch.tensor([[1.0, 5.0], [5.0, 2.0]], requires_grad=True)
print(torch.autograd.grad(m.max(), m)[0], torch.autograd.grad(m.max(dim=1).values.sum(), m)[0])

J = torch.autograd.functional.jacobian(
    lambda t: torch.stack([t[0] * t[1], t[0] ** 2]), x[:2].detach()
)
print(J)
print(torch.func.vmap(torch.func.grad(lambda t: t.sin() * t))(torch.arange(3.0)))
print(torch.autograd.functional.vjp(lambda t: t**3, x.detach(), torch.ones(3)))

steps = 0
t = torch.tensor([0.5], requires_grad=True)
out = t
while out.norm() < 10:  # the graph is what ran
    out = out * 2
    steps += 1
out.backward()
print(steps, out, t.grad)
print(
    torch.autograd.gradcheck(
        lambda t: (t**3).sum(), torch.ones(2, dtype=torch.double, requires_grad=True)
    )
)
