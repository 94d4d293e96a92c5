"""Newton's method: the Hessian by autograd, on a valley, a logistic loss, and a square root."""

import torch
from torch.autograd.functional import hessian, jacobian

torch.set_default_dtype(torch.float64)


def rosenbrock(p):
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


p = torch.tensor([-1.2, 1.0])
for step in range(6):
    g = jacobian(rosenbrock, p)
    H = hessian(rosenbrock, p)
    p = p - torch.linalg.solve(H, g)
    print(step, p, f"{rosenbrock(p).item():.3e}")
print("Hessian at the minimum:\n", hessian(rosenbrock, torch.ones(2)))
print(torch.linalg.eigvalsh(hessian(rosenbrock, torch.ones(2))))

torch.manual_seed(4)
X = torch.randn(50, 3)
t = (X @ torch.tensor([1.0, -2.0, 0.5]) + 0.5 * torch.randn(50) > 0).double()


def loss(w):
    z = X @ w
    return torch.nn.functional.softplus(z).sum() - t @ z + 0.05 * w @ w


w = torch.zeros(3)
for step in range(5):
    H = hessian(loss, w)
    g = torch.func.grad(loss)(w)
    direction = torch.cholesky_solve(g[:, None], torch.linalg.cholesky(H))[:, 0]
    w = w - direction
    print(f"step {step} loss {loss(w).item():.6f} |g| {g.norm().item():.3e}")
print("w =", w)
same = torch.allclose(torch.func.hessian(loss)(w), H, rtol=1e-3)
print("forward over reverse:", same, torch.linalg.cond(H))

# The double-backward trick: products with the Hessian without the Hessian.
w = torch.tensor([0.5, -0.5, 1.0], requires_grad=True)
(g,) = torch.autograd.grad(loss(w), w, create_graph=True)
v = torch.tensor([1.0, 0.0, -1.0])
(hv,) = torch.autograd.grad(g @ v, w)
print("Hv:", hv, torch.autograd.functional.hvp(loss, w.detach(), v)[1])
print(g)

# Conjugate gradients on those products.
x, r = torch.zeros(3), -torch.func.grad(loss)(w.detach())
d, H = r.clone(), hessian(loss, w.detach())
for i in range(3):
    Hd = H @ d
    alpha = r.dot(r) / d.dot(Hd)
    x, r_new = x + alpha * d, r - alpha * Hd
    d, r = r_new + r_new.dot(r_new) / r.dot(r) * d, r_new
    print("cg", i, f"{r.norm().item():.1e}" if i < 2 else r.norm().item() < 1e-8)

a = torch.tensor(2.0, requires_grad=True)
y = a.detach()
for _ in range(5):
    y = 0.5 * (y + a / y)  # the derivative goes through the iterations
y.backward()
print(y, a.grad, 1 / (2 * a.sqrt()))
