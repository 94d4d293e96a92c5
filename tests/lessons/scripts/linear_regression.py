"""A straight line through noisy points, found four times, each time with less code of our own."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(42)

# The data: y = 2.5 x - 1.2, and some noise.
x = torch.linspace(-2, 2, 64).unsqueeze(1)
y = 2.5 * x - 1.2 + 0.3 * torch.randn(x.size())
print(x.shape, y.shape, x.dtype)
print(torch.cat([x[:4], y[:4]], dim=1))

# 1. The gradient by hand.
w, b = torch.zeros(1), torch.zeros(1)
lr = 0.1
for epoch in range(20):
    error = w * x + b - y
    w -= lr * 2 * (error * x).mean()
    b -= lr * 2 * error.mean()
    if epoch % 5 == 0:
        print(f"by hand   epoch {epoch:2d}: loss = {(error**2).mean():.4f}")
print("by hand:", w, b)

# 2. The gradient by autograd.
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for epoch in range(20):
    loss = torch.mean((w * x + b - y) ** 2)
    loss.backward()
    if epoch == 0:
        print("first gradients:", w.grad, b.grad, loss.grad_fn)
    with torch.no_grad():
        w -= lr * w.grad
        b -= lr * b.grad
        w.grad.zero_()
        b.grad.zero_()
print("autograd:", w, b)

# 3. nn and optim.
model = nn.Linear(1, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=lr)
print(model, criterion, optimizer)
for epoch in range(20):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    if (epoch + 1) % 5 == 0:
        print(f"nn.Linear epoch [{epoch + 1}/20], loss: {loss.item():.4f}")
for name, param in model.named_parameters():
    print(name, param.data, param.requires_grad)

# 4. In batches.
loader = DataLoader(TensorDataset(x, y), batch_size=20, shuffle=True)
print(len(loader), "batches of", len(loader.dataset), "points")
model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(5):
    running = 0.0
    for xb, yb in loader:
        loss = nn.functional.mse_loss(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * xb.size(0)
    print(f"batches   epoch {epoch}: {running / len(loader.dataset):.4f}")

# The exact answer, by least squares.
X = torch.hstack([x, torch.ones_like(x)])
print("normal equations:", torch.linalg.solve(X.T @ X, X.T @ y).flatten())
print("lstsq:", torch.linalg.lstsq(X, y).solution.squeeze())
model.eval()
with torch.inference_mode():
    print(model(torch.tensor([[0.0], [1.0]])))
