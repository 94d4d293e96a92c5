"""Bigrams and a small network over the letters of names, with activations looked into."""

import torch
import torch.nn.functional as F

words = "emma olivia ava isabella sophia mia amelia harper evelyn abigail".split()
stoi = {chr(97 + i): i + 1 for i in range(26)}
stoi["."] = 0
itos = {i: s for s, i in stoi.items()}
N = torch.zeros((27, 27), dtype=torch.int32)
for w in words:
    for a, b in zip("." + w, w + "."):
        N[stoi[a], stoi[b]] += 1
print(N[0], N.dtype)
P = (N + 1).float()
P /= P.sum(1, keepdims=True)
g = torch.Generator().manual_seed(2147483647)
for _ in range(3):
    out, ix = [], 0
    while len(out) < 15:
        ix = torch.multinomial(P[ix], num_samples=1, replacement=True, generator=g).item()
        out.append(itos[ix])
        if ix == 0:
            break
    print("".join(out))
log_likelihood = 0.0
for w in words:
    for a, b in zip("." + w, w + "."):
        log_likelihood += torch.log(P[stoi[a], stoi[b]])
print(f"{log_likelihood=}", f"{-log_likelihood:.4f}")

X, Y = [], []
for w in words:
    context = [0] * 3
    for ch in w + ".":
        X.append(context)
        Y.append(stoi[ch])
        context = context[1:] + [stoi[ch]]
X, Y = torch.tensor(X), torch.tensor(Y)
print(X.shape, Y.shape, X[:2])
C = torch.randn((27, 5), generator=g)
W1 = torch.randn((15, 20), generator=g) * (5 / 3) / 15**0.5
W2 = torch.randn((20, 27), generator=g) * 0.01
gain, bias = torch.ones((1, 20)), torch.zeros((1, 20))
parameters = [C, W1, W2, gain, bias]
print(sum(p.nelement() for p in parameters))
for p in parameters:
    p.requires_grad = True
ratios = []
for i in range(20):
    ix = torch.randint(0, X.shape[0], (16,), generator=g)
    pre = C[X[ix]].view(16, -1) @ W1
    pre = gain * (pre - pre.mean(0, keepdim=True)) / pre.std(0, keepdim=True) + bias
    h = torch.tanh(pre)
    h.retain_grad()
    loss = F.cross_entropy(h @ W2, Y[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    for p in parameters:
        p.data += -0.1 * p.grad
    if i % 5 == 0:
        print(f"{i:3d}: {loss.item():.4f} {loss.log10().item():.4f}")
    with torch.no_grad():
        ratios.append([(0.1 * p.grad.std() / p.data.std()).log10().item() for p in (C, W1, W2)])
print([round(r, 3) for r in ratios[-1]])
print("mean %+.2f, std %.2f" % (h.mean(), h.std()), f"{(h.abs() > 0.97).float().mean():.2%}")
hy, hx = torch.histogram(h.detach(), bins=8, range=(-1.0, 1.0), density=True)
print(hy.shape, hx, hy.sum() * 0.25)
print("gradient of std %e" % h.grad.std())
