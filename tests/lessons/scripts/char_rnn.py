"""A character-level RNN: by hand with two matrices, then nn.RNN, then it writes a line."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)
text = "the cat sat on the mat and the rat sat on the cat. "
chars = sorted(set(text))
stoi = {c: i for i, c in enumerate(chars)}
itos = dict(enumerate(chars))
data = torch.tensor([stoi[c] for c in text])
V, H = len(chars), 24
print("vocabulary:", "".join(chars), V)
print(data[:12])

# By hand.
Wxh = torch.empty(V, H).uniform_(-0.2, 0.2).requires_grad_()
Whh = torch.empty(H, H).normal_(0, 0.1).requires_grad_()
Why = (torch.rand(H, V) * 0.2 - 0.1).requires_grad_()
bh, by = torch.zeros(H, requires_grad=True), torch.zeros(V, requires_grad=True)
params = [Wxh, Whh, Why, bh, by]


def step(x, h):
    h = torch.tanh(F.one_hot(x, V).float() @ Wxh + h @ Whh + bh)
    return h @ Why + by, h


for epoch in range(4):
    h = torch.zeros(H)
    loss = 0
    for t in range(20):
        logits, h = step(data[t], h)
        loss = loss + F.cross_entropy(logits, data[t + 1])
    for p in params:
        p.grad = None
    (loss / 20).backward()
    with torch.no_grad():
        for p in params:
            p -= 0.5 * p.grad
    print(f"by hand, epoch {epoch}: {loss.item() / 20:.4f}  |Whh.grad| = {Whh.grad.norm():.4f}")


class CharRNN(nn.Module):
    def __init__(self, vocab_size, hidden_size, num_layers=2):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, 8)
        self.rnn = nn.RNN(8, hidden_size, num_layers, batch_first=True)
        self.head = nn.Linear(hidden_size, vocab_size)

    def forward(self, x, hidden=None):
        out, hidden = self.rnn(self.embed(x), hidden)
        return self.head(out), hidden


model = CharRNN(V, H)
print(model)
inputs = data[:48].view(4, 12)
targets = data[1:49].view(4, 12)
logits, hidden = model(inputs)
print(logits.shape, hidden.shape)
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.01)
for epoch in range(12):
    logits, _ = model(inputs)
    loss = F.cross_entropy(logits.reshape(-1, V), targets.reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.5)
    optimizer.step()
    if epoch % 3 == 0:
        after = sum(p.grad.pow(2).sum() for p in model.parameters()).sqrt()
        print(f"epoch {epoch:2d} loss {loss:.4f} norm {norm:.3f} clipped to {after:.3f}")


@torch.no_grad()
def generate(start, length, greedy=True):
    model.eval()
    hidden, out = None, list(start)
    x = torch.tensor([[stoi[c] for c in start]])
    for _ in range(length):
        logits, hidden = model(x, hidden)
        p = F.softmax(logits[0, -1] / 0.8, dim=-1)
        nxt = p.argmax() if greedy else torch.multinomial(p, 1).squeeze()
        out.append(itos[nxt.item()])
        x = nxt.view(1, 1)
    return "".join(out)


print(repr(generate("the ", 20)))
print(repr(generate("the ", 20, greedy=False)))
