"""A vector field learned from a spiral, stepped by Euler and by Runge and Kutta."""

import torch
import torch.nn as nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

A = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]])
t = torch.linspace(0.0, 2.0, 21)


def euler(f, y, t):
    path = [y]
    for t0, t1 in zip(t[:-1], t[1:], strict=True):
        y = y + (t1 - t0) * f(t0, y)
        path.append(y)
    return torch.stack(path)


def rk4(f, y, t):
    path = [y]
    for t0, dt in zip(t[:-1], t.diff(), strict=True):
        k1 = f(t0, y)
        k2 = f(t0 + dt / 2, y + dt * k1 / 2)
        k3 = f(t0 + dt / 2, y + dt * k2 / 2)
        k4 = f(t0 + dt, y + dt * k3)
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        path.append(y)
    return torch.stack(path)


y0 = torch.tensor([[2.0, 0.0]])
exact = torch.stack([y0 @ torch.matrix_exp(A * s).T for s in t])
truth = rk4(lambda _, y: y @ A.T, y0, t)
print("shape", truth.shape, "last", truth[-1])
print(f"error of rk4   {(truth - exact).abs().max():.2e}")
print(f"error of Euler {(euler(lambda _, y: y @ A.T, y0, t) - exact).abs().max():.2e}")


class ODEFunc(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, 2))
        self.evaluations = 0
        for m in self.net.modules():
            if isinstance(m, nn.Linear):
                nn.init.normal_(m.weight, mean=0, std=0.1)
                nn.init.constant_(m.bias, val=0)

    def forward(self, t, y):
        self.evaluations += 1
        return self.net(y)


func = ODEFunc()
print(func)
optimizer = torch.optim.RMSprop(func.parameters(), lr=2e-2)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
for itr in range(1, 13):
    start = torch.randint(0, len(t) - 5, (6,))
    batch_y0 = truth[start]
    batch_y = torch.stack([truth[start + i] for i in range(5)])
    optimizer.zero_grad()
    pred = euler(func, batch_y0, t[:5])
    loss = torch.mean(torch.abs(pred - batch_y))
    loss.backward()
    optimizer.step()
    scheduler.step()
    if itr % 3 == 0:
        print("Iter {:02d} | Loss {:.6f} | lr {:.5f}".format(itr, loss, scheduler.get_last_lr()[0]))
print("evaluations:", func.evaluations)
with torch.no_grad():
    print(euler(func, y0, t)[::5].squeeze(1))

# The parameter of a known law, found through the solver.
damping = nn.Parameter(torch.tensor(0.5))
optimizer = torch.optim.SGD([damping], lr=0.05)
for _ in range(10):
    path = rk4(lambda _, y: y @ A.triu(1).T + y @ A.tril(-1).T - damping * y, y0, t)
    loss = (path - truth).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("damping:", damping)
