"""A residual network with squeeze and excitation, data augmentation, and gradient accumulation."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim import SGD
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.checkpoint import checkpoint

torch.manual_seed(60)


def conv_block(in_channels, out_channels, stride=1):
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=2):
        super().__init__()
        self.fc = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, channels // reduction, 1),
            nn.SiLU(),
            nn.Conv2d(channels // reduction, channels, 1),
            nn.Hardsigmoid(),
        )

    def forward(self, x):
        return x * self.fc(x)


class Residual(nn.Module):
    expansion = 1

    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        self.body = nn.Sequential(
            conv_block(in_channels, channels, stride),
            nn.Conv2d(channels, channels, 3, padding=1, groups=2, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.se = SqueezeExcite(channels)
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != channels:
            self.shortcut = nn.Conv2d(in_channels, channels, 1, stride, bias=False)

    def forward(self, x):
        return F.relu(self.se(self.body(x)) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, num_classes=4, use_checkpoint=False):
        super().__init__()
        self.use_checkpoint = use_checkpoint
        self.stem = conv_block(3, 4)
        self.layer1 = self._make_layer(4, 4, 1, stride=1)
        self.layer2 = self._make_layer(4, 8, 1, stride=2)
        self.head = nn.Linear(8, num_classes)

    def _make_layer(self, in_channels, channels, blocks, stride):
        strides = [stride] + [1] * (blocks - 1)
        layers = []
        for s in strides:
            layers.append(Residual(in_channels, channels, s))
            in_channels = channels
        return nn.Sequential(*layers)

    def forward(self, x):
        x = self.stem(x)
        if self.use_checkpoint:
            x = checkpoint(self.layer1, x, use_reentrant=False)
        else:
            x = self.layer1(x)
        return self.head(self.layer2(x).mean(dim=(2, 3)))


def quadrants(n, size=8):
    """In which quarter is the red spot?"""
    x = 0.3 * torch.rand(n, 3, size, size)
    y = torch.randint(0, 4, (n,))
    half = size // 2
    for image, label in zip(x, y, strict=True):
        top, left = (label // 2).item() * half, (label % 2).item() * half
        image[0, top : top + half, left : left + half] += 0.7
    return x, y


def augment(x):
    noisy = x + 0.05 * torch.randn_like(x)
    padded = F.pad(noisy, (1, 1, 1, 1), mode="reflect")
    i, j = torch.randint(0, 3, (2,)).tolist()
    return padded[:, :, i : i + x.size(2), j : j + x.size(3)]


x, y = quadrants(32)
mean, std = x.mean(dim=(0, 2, 3)), x.std(dim=(0, 2, 3))
print("mean", mean, "std", std)
x = (x - mean[:, None, None]) / std[:, None, None]
print(x.flip(-1).shape, torch.rot90(x, 1, (2, 3)).shape, augment(x).shape)

net = ResNet()
print(net.layer2)
rows = [(n, list(p.shape), p.numel()) for n, p in net.named_parameters()]
print("\n".join(f"{n:32} {s!s:16} {c:5,}" for n, s, c in rows[:8]))
print(f"{sum(c for _, _, c in rows):,} parameters")
optimizer = SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
scheduler = OneCycleLR(optimizer, max_lr=0.2, epochs=5, steps_per_epoch=2)
for epoch in range(4):
    for start in range(0, 32, 16):
        optimizer.zero_grad()
        for part in range(2):  # two small batches for one step
            at = slice(start + 8 * part, start + 8 * part + 8)
            loss = F.cross_entropy(net(augment(x[at])), y[at]) / 2
            loss.backward()
        optimizer.step()
        scheduler.step()
    lr, momentum = optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["momentum"]
    print(f"epoch {epoch} loss {2 * loss.item():.3f} lr {lr:.4f} momentum {momentum:.3f}")
net.eval()
with torch.no_grad():
    prob, guess = F.softmax(net(x), dim=1).topk(2, dim=1)
print(
    "top-1", (guess[:, 0] == y).float().mean(), "top-2", (guess == y[:, None]).any(1).float().mean()
)

plain, light = ResNet(), ResNet(use_checkpoint=True)
light.load_state_dict(plain.state_dict())
for model in (plain, light):
    F.cross_entropy(model(x), y).backward()
same = [
    torch.allclose(p.grad, q.grad, atol=1e-6)
    for p, q in zip(plain.parameters(), light.parameters(), strict=True)
]
print("checkpointing changes nothing:", all(same), plain.stem[0].weight.grad.norm())
