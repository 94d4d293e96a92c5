"""Two clouds of points, told apart by a line: logistic regression, and softmax for three."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn, optim

torch.manual_seed(0)
n = 40
a = torch.normal(mean=-1.0, std=1.0, size=(n, 2))
b = torch.normal(1.0, 1.0, (n, 2))
X = torch.cat((a, b), 0)
t = torch.cat((torch.zeros(n), torch.ones(n)))

w = torch.randn(2, requires_grad=True)
c = torch.zeros((), requires_grad=True)
for step in range(30):
    p = torch.sigmoid(X @ w + c)
    loss = -(t * p.log() + (1 - t) * (1 - p).log()).mean()
    if step % 10 == 0:
        accuracy = ((p > 0.5).float() == t).float().mean()
        print(f"{step:3d} {loss.item():.5f} accuracy {accuracy.item():.2%}")
    gw, gc = torch.autograd.grad(loss, (w, c))
    with torch.no_grad():
        w.sub_(0.5 * gw)
        c.sub_(0.5 * gc)
print(w, c)


class LogisticRegression(nn.Module):
    def __init__(self, in_features):
        super().__init__()
        self.linear = nn.Linear(in_features, 1)

    def forward(self, x):
        return self.linear(x).squeeze(-1)


model = LogisticRegression(2)
print(model)
criterion = nn.BCEWithLogitsLoss()
optimizer = optim.SGD(model.parameters(), lr=0.3, momentum=0.9, weight_decay=1e-3)
for _ in range(25):
    optimizer.zero_grad()
    loss = criterion(model(X), t)
    loss.backward()
    optimizer.step()
print("loss", loss)
print("weights", model.linear.weight.data.numpy().round(3), "bias", model.linear.bias.item())

predicted = (model(X) > 0).long()
confusion = torch.zeros(2, 2, dtype=torch.int64)
for truth, guess in zip(t.long(), predicted, strict=True):
    confusion[truth, guess] += 1
print("confusion matrix:\n", confusion)
tp, fp, fn = confusion[1, 1].item(), confusion[0, 1].item(), confusion[1, 0].item()
print("precision %.3f recall %.3f" % (tp / (tp + fp), tp / (tp + fn)))

# Three classes: a softmax, and the gradient that every textbook derives.
rng = np.random.RandomState(1)
centres = np.array([[0, 2], [-2, -1], [2, -1]], dtype=np.float32)
labels = torch.from_numpy(rng.randint(0, 3, size=60))
points = torch.from_numpy(centres[labels.numpy()] + rng.randn(60, 2).astype(np.float32))
W = torch.zeros(2, 3, requires_grad=True)
logits = points @ W
loss = F.cross_entropy(logits, labels)
loss.backward()
by_hand = points.t().mm(F.softmax(logits, dim=1) - F.one_hot(labels, 3)) / len(labels)
print("the start is log 3:", loss.item(), torch.log(torch.tensor(3.0)))
print(W.grad, torch.allclose(W.grad, by_hand.detach(), atol=1e-6))
optimizer = optim.LBFGS([W], lr=1, max_iter=5)


def closure():
    optimizer.zero_grad()
    loss = F.cross_entropy(points @ W, labels)
    loss.backward()
    return loss


for i in range(3):
    print("L-BFGS", i, f"{optimizer.step(closure).item():.4f}")
guesses = (points @ W).argmax(dim=1)
print("correct:", (guesses == labels).sum().item(), "of", len(labels))
print(torch.bincount(labels), torch.unique(guesses, return_counts=True))
