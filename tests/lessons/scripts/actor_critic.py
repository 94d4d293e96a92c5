"""Actor and critic; then PPO's clipped objective with a Gaussian policy; and distributions."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import (
    Bernoulli,
    Categorical,
    Independent,
    MultivariateNormal,
    Normal,
    Uniform,
    kl_divergence,
)

torch.manual_seed(543)
eps = (
    torch.finfo(torch.float32).eps.item()
    if hasattr(torch.finfo(torch.float32).eps, "item")
    else torch.finfo(torch.float32).eps
)


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 16)
        self.action_head = nn.Linear(16, 2)
        self.value_head = nn.Linear(16, 1)
        self.saved_actions = []
        self.rewards = []

    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)


model = Policy()
optimizer = optim.Adam(model.parameters(), lr=3e-2)
for ep in range(5):
    state = torch.tensor([0.0, 0.1, -0.1, 0.05])
    for t in range(8):
        probs, value = model(state)
        m = Categorical(probs)
        action = m.sample()
        model.saved_actions.append((m.log_prob(action), value))
        state = state + torch.tensor([0.1, -0.2, 0.3, 0.1]) * (1 if action.item() else -1)
        model.rewards.append(1.0 - state.abs().sum().item())
    R, returns = 0, []
    for r in model.rewards[::-1]:
        R = r + 0.99 * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + eps)
    policy_losses, value_losses = [], []
    for (log_prob, value), R in zip(model.saved_actions, returns):
        advantage = R - value.item()
        policy_losses.append(-log_prob * advantage)
        value_losses.append(F.smooth_l1_loss(value, torch.tensor([R])))
    optimizer.zero_grad()
    loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum()
    loss.backward()
    optimizer.step()
    print(f"{ep} loss {loss.item():.5f} last {model.rewards[-1]:.3f}", m, m.entropy())
    del model.rewards[:], model.saved_actions[:]
# PPO with a Gaussian policy
actor = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))
log_std = nn.Parameter(torch.zeros(2))
opt = optim.Adam([*actor.parameters(), log_std], lr=1e-2)
obs, adv = torch.randn(16, 3), torch.randn(16)
with torch.no_grad():
    old = Independent(Normal(actor(obs), log_std.exp()), 1)
    acts = old.sample()
    old_lp = old.log_prob(acts)
for k in range(4):
    dist = Independent(Normal(actor(obs), log_std.exp()), 1)
    ratio = (dist.log_prob(acts) - old_lp).exp()
    surr = torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv)
    loss = -surr.mean() - 0.01 * dist.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(k, loss.item(), ratio.max().item(), kl_divergence(old, dist).mean().item())
cov = torch.tensor([[1.0, 0.3], [0.3, 0.5]])
mvn = MultivariateNormal(torch.zeros(2), cov)
print(mvn, mvn.sample((2,)), mvn.log_prob(torch.ones(2)), mvn.entropy(), mvn.variance)
u = Uniform(-1.0, 2.0)
print(u, u.sample((3,)), u.log_prob(torch.tensor(0.5)), u.entropy(), u.mean)
print(dist, Bernoulli(0.3).sample((4,)), Normal(0.0, 1.0).cdf(torch.tensor(1.0)))
