"""REINFORCE in a corridor: walk right to the prize. Then the same with a value as baseline."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

torch.manual_seed(543)
LENGTH, GAMMA = 6, 0.95


class Corridor:
    """Start at the left; 1 goes right, 0 left; the right end pays one, each step costs a bit."""

    def reset(self):
        self.position, self.time = 0, 0
        return self.observe()

    def observe(self):
        state = torch.zeros(LENGTH)
        state[self.position] = 1.0
        return state

    def step(self, action):
        self.position = min(max(self.position + (1 if action == 1 else -1), 0), LENGTH - 1)
        self.time += 1
        done = self.position == LENGTH - 1 or self.time >= 20
        return self.observe(), (1.0 if self.position == LENGTH - 1 else -0.02), done


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine = nn.Linear(LENGTH, 16)
        self.action_head = nn.Linear(16, 2)
        self.value_head = nn.Linear(16, 1)

    def forward(self, x):
        x = F.relu(self.affine(x))
        return F.log_softmax(self.action_head(x), dim=-1), self.value_head(x).squeeze(-1)


def episode(policy, env):
    state, log_probs, values, rewards, done = env.reset(), [], [], [], False
    while not done:
        log_p, value = policy(state)
        action = torch.multinomial(log_p.exp(), 1)
        log_probs.append(log_p.gather(0, action))
        values.append(value)
        state, reward, done = env.step(action.item())
        rewards.append(reward)
    returns, R = [], 0.0
    for r in reversed(rewards):
        R = r + GAMMA * R
        returns.insert(0, R)
    return torch.cat(log_probs), torch.stack(values), torch.tensor(returns), sum(rewards)


for baseline in (False, True):
    policy = Policy()
    if not baseline:
        print(policy)
    optimizer = optim.Adam(policy.parameters(), lr=2e-2)
    env, running = Corridor(), 0.0
    for i in range(24):
        log_probs, values, returns, score = episode(policy, env)
        if baseline:
            advantage = returns - values.detach()
            loss = (-log_probs * advantage).sum() + F.smooth_l1_loss(
                values, returns, reduction="sum"
            )
        else:
            scaled = (returns - returns.mean()) / (returns.std() + 1e-6)
            loss = -(log_probs * scaled).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running = 0.9 * running + 0.1 * score
        if i % 6 == 5:
            print(f"baseline={baseline} episode {i + 1:2d} steps {len(returns):2d} {running:+.3f}")
    with torch.no_grad():
        log_p, values = policy(torch.eye(LENGTH))
    print("P(right):", log_p.exp()[:, 1])
    print("entropy:", -(log_p.exp() * log_p).sum(-1).mean())

# Tabular Q-learning, for comparison.
Q = torch.zeros(LENGTH, 2)
for _ in range(15):
    state, done = Corridor(), False
    state.reset()
    while not done:
        s = state.position
        greedy = torch.rand(()) > 0.3
        a = int(Q[s].argmax()) if greedy else torch.randint(0, 2, ()).item()
        _, r, done = state.step(a)
        Q[s, a] += 0.5 * (r + GAMMA * Q[state.position].max() * (not done) - Q[s, a])
print(Q)
