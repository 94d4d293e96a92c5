"""Speech-like: windows, a conv + GRU model, CTC loss, greedy decoding."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(11)
win = torch.hann_window(16)
print(
    win[:5],
    torch.hamming_window(6),
    torch.blackman_window(5, periodic=False),
    torch.bartlett_window(4),
)
t = torch.arange(128) / 128
wave = torch.stack([torch.sin(2 * torch.pi * f * t) for f in (5.0, 11.0, 23.0, 3.0)])
frames = wave.unfold(-1, 16, 8) * win
k = torch.arange(9)[:, None] * torch.arange(16)[None, :] * 2 * torch.pi / 16
re, im = frames @ k.cos().T, frames @ k.sin().T
spec = (re**2 + im**2).clamp(min=1e-8).log()
print(spec.shape, spec.mean(), spec.std())


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.conv = nn.Conv1d(9, 12, 3, padding=1)
        self.norm = nn.BatchNorm1d(12)
        self.gru = nn.GRU(12, 10, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(20, n)

    def forward(self, x):
        h = F.gelu(self.norm(self.conv(x.transpose(1, 2)))).transpose(1, 2)
        return F.log_softmax(self.fc(self.gru(h)[0]), dim=-1)


net = Net(5)
ctc = nn.CTCLoss(blank=0, reduction="mean", zero_infinity=True)
opt = torch.optim.Adam(net.parameters(), lr=0.02)
targets = torch.tensor([[1, 2, 2, 3], [4, 1, 0, 0], [2, 3, 4, 0], [1, 1, 1, 0]])
lengths = torch.tensor([4, 2, 3, 3])
for step in range(6):
    logp = net(spec)
    loss = ctc(
        logp.transpose(0, 1), targets, torch.full((4,), logp.size(1), dtype=torch.long), lengths
    )
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, round(loss.item(), 4))
best = net(spec).argmax(-1)
for row in best:
    row = torch.unique_consecutive(row)
    print(row[row != 0].tolist())
print(
    F.ctc_loss(
        logp.transpose(0, 1).detach(), targets, (15, 15, 15, 15), (4, 2, 3, 3), reduction="none"
    ),
    ctc,
)
print(net.gru.weight_hh_l0_reverse.grad.norm(), net.fc.bias.grad)
