"""Choices that can be differentiated: Gumbel noise, straight-through samples, temperatures."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(39)
logits = torch.tensor([1.0, 0.0, -1.0])
p = logits.softmax(dim=0)
print("p =", p)

# The largest of logits + Gumbel noise is a sample of the softmax.
noise = -torch.log(-torch.log(torch.rand(2000, 3)))
samples = (logits + noise).argmax(dim=1)
print("frequencies:", torch.bincount(samples, minlength=3) / 2000)
print("multinomial:", torch.multinomial(p, 2000, replacement=True).bincount() / 2000)
print("mean of the noise:", noise.mean(), "Euler's constant is 0.5772")

for tau in (5.0, 1.0, 0.1):
    print(f"tau {tau}:", F.softmax((logits + noise[0]) / tau, dim=0))
print("soft:", F.gumbel_softmax(logits, tau=0.5))
hard = F.gumbel_softmax(logits.repeat(3, 1), tau=0.5, hard=True)
print("hard:", hard, hard.sum(1))

x = logits.clone().requires_grad_()
y = F.gumbel_softmax(x, hard=True)
(y * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
print(y, x.grad)


class Quantiser(nn.Module):
    """Each number goes to one of k learnt levels."""

    def __init__(self, k=3):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, k))
        self.levels = nn.Parameter(torch.linspace(-1, 1, k))

    def forward(self, x, tau=1.0):
        scores = self.score(x)
        if self.training:
            choice = F.gumbel_softmax(scores, tau=tau, hard=False, dim=-1)
        else:
            choice = F.one_hot(scores.argmax(-1), scores.size(-1)).to(scores.dtype)
        return choice @ self.levels, choice


data = torch.cat([torch.randn(20, 1) * 0.1 + m for m in (-2.0, 0.5, 2.0)])
model = Quantiser()
print(model)
print(list(dict(model.named_parameters())))
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for step in range(40):
    tau = max(0.3, 0.95**step)
    out, choice = model(data, tau)
    loss = F.mse_loss(out, data.squeeze(1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 9:
        print(f"step {step + 1} tau {tau:.3f} loss {loss.item():.4f}")
model.eval()
out, choice = model(data)
print("levels:", model.levels.data, "used:", choice.sum(0))


# The score function gives the same gradient on average, with more variance.
def reward(k):
    return torch.tensor([1.0, 3.0, -2.0])[k]


theta = torch.zeros(3, requires_grad=True)
exact = torch.autograd.grad((theta.softmax(0) * reward(torch.arange(3))).sum(), theta)[0]
k = torch.multinomial(theta.detach().softmax(0), 4000, replacement=True)
surrogate = (F.log_softmax(theta, 0)[k] * reward(k)).mean()
estimate = torch.autograd.grad(surrogate, theta)[0]
print("exact", exact, "estimate", estimate, torch.allclose(exact, estimate, atol=0.15))
coins = torch.bernoulli(torch.full((3, 5), 0.3))
print(coins, torch.bernoulli(p), torch.poisson(torch.tensor([1.0, 4.0])))
