"""LeNet on digits that we draw ourselves: seven strokes, shifted about, with noise."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(1)
SEGMENTS = ["abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgcde", "abc", "abcdefg", "abcdfg"]
STROKES = {
    "a": (slice(0, 2), slice(0, 8)),
    "b": (slice(0, 8), slice(6, 8)),
    "c": (slice(7, 14), slice(6, 8)),
    "d": (slice(12, 14), slice(0, 8)),
    "e": (slice(7, 14), slice(0, 2)),
    "f": (slice(0, 8), slice(0, 2)),
    "g": (slice(6, 8), slice(0, 8)),
}


class Digits(Dataset):
    def __init__(self, n, seed):
        rng = np.random.RandomState(seed)
        self.targets = rng.randint(0, 10, n)
        self.images = rng.uniform(0, 0.3, (n, 28, 28)).astype(np.float32)
        for image, target in zip(self.images, self.targets, strict=True):
            top, left = rng.randint(3, 11), rng.randint(5, 15)
            for letter in SEGMENTS[target]:
                image[top : top + 14, left : left + 8][STROKES[letter]] = 1.0

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, index):
        image = torch.from_numpy(self.images[index]).unsqueeze(0)
        return (image - 0.3) / 0.35, int(self.targets[index])


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5, padding=2)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = F.avg_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return F.log_softmax(self.fc3(x), dim=1)


train = Digits(192, seed=0)
test = Digits(64, seed=1)
image, label = train[3]
print("a", label)
for row in image[0, ::2]:
    print("".join("#" if v > 1 else "." for v in row))

net = LeNet()
print(net)
for name, p in net.named_parameters():
    print(f"{name:14} {str(tuple(p.shape)):18} {p.numel():6}")
print("total:", sum(p.numel() for p in net.parameters()))

x = image.unsqueeze(0)
print(net.conv1(x).shape, net.pool(net.conv1(x)).shape, net(x).shape)

criterion = nn.NLLLoss()
optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
loader = DataLoader(train, batch_size=32, shuffle=True, num_workers=0)
for epoch in range(3):
    net.train()
    for i, (inputs, labels) in enumerate(loader, 0):
        optimizer.zero_grad()
        loss = criterion(net(inputs), labels)
        loss.backward()
        optimizer.step()
        if i % 3 == 0:
            print(
                f"[{epoch + 1}, {i + 1:2d}] loss: {loss.item():.3f}"
                f" |grad| {net.conv1.weight.grad.norm():.3f}"
            )

net.eval()
hits, seen = torch.zeros(10), torch.zeros(10)
with torch.no_grad():
    for inputs, labels in DataLoader(test, batch_size=64):
        guess = net(inputs).argmax(dim=1, keepdim=True)
        right = guess.eq(labels.view_as(guess)).squeeze()
        hits.scatter_add_(0, labels, right.float())
        seen += torch.bincount(labels, minlength=10)
print("accuracy by digit:", (hits / seen.clamp(min=1)).round(decimals=2))
print(f"accuracy: {100 * hits.sum() / seen.sum():.1f}%")
