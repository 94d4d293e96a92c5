"""A small MLP on two interleaved moons: mini-batches, a validation set, early stopping."""

import copy
import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(7)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("device:", device)


def make_moons(n, noise=0.15):
    angle = torch.rand(n) * math.pi
    upper = torch.stack([angle.cos(), angle.sin()], dim=1)
    lower = torch.stack([1 - angle.cos(), 0.5 - angle.sin()], dim=1)
    label = torch.randint(0, 2, (n,))
    x = torch.where(label[:, None] == 0, upper, lower)
    return x + noise * torch.randn_like(x), label


X, y = make_moons(200)
train_set, val_set = random_split(TensorDataset(X, y), [160, 40])
print(len(train_set), len(val_set), val_set.indices[:5])
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
val_loader = DataLoader(val_set, batch_size=64)


class MLP(nn.Module):
    def __init__(self, hidden=16):
        super(MLP, self).__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 2),
        )

    def forward(self, x):
        return self.layers(x)


model = MLP().to(device)
print(model)
print("parameters:", sum(p.numel() for p in model.parameters() if p.requires_grad))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)


def evaluate(loader):
    model.eval()
    total, correct = 0.0, 0
    with torch.no_grad():
        for xb, yb in loader:
            xb, yb = xb.to(device), yb.to(device)
            out = model(xb)
            total += loss_fn(out, yb).item() * len(xb)
            _, predicted = torch.max(out, 1)
            correct += (predicted == yb).sum().item()
    return total / len(loader.dataset), correct / len(loader.dataset)


best, best_state, patience, waited = float("inf"), None, 2, 0
for epoch in range(1, 13):
    model.train()
    for xb, yb in train_loader:
        optimizer.zero_grad(set_to_none=True)
        loss = loss_fn(model(xb.to(device)), yb.to(device))
        loss.backward()
        optimizer.step()
    val_loss, val_acc = evaluate(val_loader)
    print(f"epoch {epoch:2d} | train {loss.item():.3f} | val {val_loss:.3f} | acc {val_acc:.3f}")
    if val_loss < best - 1e-3:
        best, best_state, waited = val_loss, copy.deepcopy(model.state_dict()), 0
    else:
        waited += 1
        if waited > patience:
            print("stopping early")
            break
model.load_state_dict(best_state)
print("best:", [round(v, 3) for v in evaluate(val_loader)])
print({k: tuple(v.shape) for k, v in best_state.items()})

grid = torch.stack(
    torch.meshgrid(torch.linspace(-1, 2, 7), torch.linspace(-1, 1.5, 5), indexing="xy"), dim=-1
)
print(grid.shape)
picture = model(grid.reshape(-1, 2)).argmax(-1).reshape(grid.shape[:2])
for row in picture.flip(0).tolist():
    print("".join(".#"[v] for v in row))
