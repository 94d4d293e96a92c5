"""Distributions at work: an actor and a critic, a posterior by variational inference."""

from collections import namedtuple
from itertools import count

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions import Bernoulli, Categorical, Normal, kl_divergence

torch.manual_seed(80)

normal = Normal(torch.tensor([0.0, 1.0]), torch.tensor([1.0, 2.0]))
print(normal, normal.batch_shape, normal.event_shape)
samples = normal.sample((1000,))
print(samples.mean(0), samples.std(0), normal.mean, normal.stddev)
print(normal.log_prob(torch.zeros(2)), normal.entropy(), normal.cdf(torch.zeros(2)))
dice = Categorical(torch.ones(6))
print(dice, dice.probs, dice.entropy(), dice.sample((10,)) + 1)
coin = Bernoulli(torch.tensor([0.3]))
print(coin, coin.sample((8,)).flatten(), coin.log_prob(torch.tensor([1.0])))
print("KL:", kl_divergence(Normal(0.0, 1.0), Normal(1.0, 1.0)), kl_divergence(coin, Bernoulli(0.5)))
try:
    Normal(0.0, -1.0)
except ValueError as error:
    print(str(error).splitlines()[0])

SavedAction = namedtuple("SavedAction", ["log_prob", "value", "entropy"])


class Pole:
    """A stick that falls: push its foot to the left or to the right."""

    def reset(self):
        self.state = 0.1 * torch.rand(2) - 0.05
        return self.state

    def step(self, action):
        angle, speed = self.state
        push = 1.0 if action == 1 else -1.0
        speed = speed + 0.1 * (3 * torch.sin(angle) - push)
        self.state = torch.stack([angle + 0.1 * speed, speed])
        return self.state, 1.0, bool(self.state[0].abs() > 0.3)


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(2, 16)
        self.action_head = nn.Linear(16, 2)
        self.value_head = nn.Linear(16, 1)
        self.saved_actions, self.rewards = [], []

    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)


model = ActorCritic()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-2)


def select_action(state):
    probs, value = model(state)
    m = Categorical(probs)
    action = m.sample()
    model.saved_actions.append(SavedAction(m.log_prob(action), value, m.entropy()))
    return action.item()


def finish_episode(gamma=0.95):
    R, returns = 0.0, []
    for r in model.rewards[::-1]:
        R = r + gamma * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-3)
    policy_losses, value_losses, bonus = [], [], 0
    for (log_prob, value, entropy), R in zip(model.saved_actions, returns):
        policy_losses.append(-log_prob * (R - value.item()))
        value_losses.append(F.smooth_l1_loss(value, torch.tensor([R])))
        bonus = bonus + entropy
    optimizer.zero_grad()
    loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum() - 0.01 * bonus
    loss.backward()
    optimizer.step()
    del model.rewards[:]
    del model.saved_actions[:]
    return loss.item()


env, running_reward = Pole(), 5.0
for i_episode in count(1):
    state = env.reset()
    for _ in range(20):
        state, reward, done = env.step(select_action(state))
        model.rewards.append(reward)
        if done:
            break
    length = len(model.rewards)
    running_reward = 0.1 * length + 0.9 * running_reward
    loss = finish_episode()
    if i_episode % 6 == 0:
        print(f"Episode {i_episode}\tLast {length}\tAverage {running_reward:.2f}\tLoss {loss:.3f}")
    if i_episode == 24:
        break

# A posterior over a mean, by maximising the evidence bound.
data = Normal(1.5, 0.5).sample((30,))
loc, log_scale = torch.zeros((), requires_grad=True), torch.zeros((), requires_grad=True)
prior = Normal(0.0, 1.0)
optimizer = torch.optim.Adam([loc, log_scale], lr=0.1)
for step in range(60):
    q = Normal(loc, log_scale.exp())
    z = q.rsample((8, 1))
    elbo = Normal(z, 0.5).log_prob(data).sum(1).mean() - kl_divergence(q, prior)
    optimizer.zero_grad()
    (-elbo).backward()
    optimizer.step()
    if step % 15 == 14:
        print(
            f"step {step + 1} elbo {elbo.item():.3f} q = N({loc.item():.3f}, {q.scale.item():.3f})"
        )
precision = 1 + len(data) / 0.25
exact = Normal(data.sum() / 0.25 / precision, precision**-0.5)
print(f"exact: N({exact.loc.item():.3f}, {exact.scale.item():.3f})")
