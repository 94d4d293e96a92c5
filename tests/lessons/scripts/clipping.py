"""Exploding gradients in a recurrent net, and what clipping does about them."""

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_, parameters_to_vector

torch.manual_seed(14)

for scale in (0.5, 1.0, 1.5):
    W = scale * torch.linalg.qr(torch.randn(6, 6))[0]
    h0 = torch.ones(6, requires_grad=True)
    h = h0
    for _ in range(15):
        h = W @ h
    h.sum().backward()
    print(f"scale {scale}: |dh/dh0| = {h0.grad.norm().item():.4e}")


def batch(n, length):
    """Add the two marked numbers of a sequence."""
    numbers = torch.rand(n, length)
    marks = torch.zeros(n, length)
    first = torch.randint(0, length // 2, (n, 1))
    second = torch.randint(length // 2, length, (n, 1))
    marks.scatter_(1, torch.cat([first, second], 1), 1.0)
    return torch.stack([numbers, marks], dim=-1), (numbers * marks).sum(1)


x, y = batch(3, 6)
print(x[0], y)


class Adder(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell
        self.out = nn.Linear(cell.hidden_size, 1)

    def forward(self, x):
        state = None
        for t in range(x.size(1)):
            state = self.cell(x[:, t], state)
        h = state[0] if isinstance(state, tuple) else state
        return self.out(h).squeeze(1)


for Cell in (nn.RNNCell, nn.GRUCell, nn.LSTMCell):
    torch.manual_seed(0)
    model = Adder(Cell(2, 10))
    print(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for step in range(16):
        x, y = batch(16, 8)
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        total = clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        if step % 5 == 0:
            print(
                f"  step {step:2d} loss {loss.item():.4f} norm before clipping {total.item():.4f}"
            )
    print("  |parameters|", parameters_to_vector(model.parameters()).norm())

p = nn.Parameter(torch.tensor([3.0, -4.0]))
(p * torch.tensor([30.0, 40.0])).sum().backward()
print(p.grad, clip_grad_norm_([p], 5.0), p.grad)
clip_grad_value_([p], 3.5)
print(p.grad)
norms = {name: q.grad.norm(2).item() for name, q in model.named_parameters()}
for name, value in norms.items():
    print(f"{name:16} {value:.5f}")

# A hook that clips as the gradient is made.
seen = []
h = torch.randn(4, requires_grad=True)
loud = h * 100
loud.register_hook(lambda g: seen.append(g.norm().item()) or g.clamp(-0.01, 0.01))
loud.square().sum().backward()
print([round(v, 2) for v in seen], h.grad)
rnn = nn.RNN(2, 4, nonlinearity="relu")
out, h = rnn(torch.ones(3, 1, 2))
print(rnn, out[-1], torch.equal(out[-1], h[-1]))
