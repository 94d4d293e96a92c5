"""Transfer learning: train, keep the features, freeze them, and give the net a new head."""

import io

import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(17)


class Backbone(nn.Module):
    def __init__(self, num_classes=3):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 8, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d((1, 1)),
        )
        self.fc = nn.Linear(8, num_classes)

    def forward(self, x):
        return self.fc(torch.flatten(self.features(x), 1))


def pictures(n, kinds):
    """Stripes across, stripes down, a checkerboard, diagonals."""
    i, j = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
    patterns = torch.stack([i % 2, j % 2, (i + j) % 2, (i + j) // 2 % 2]).float()
    y = torch.randint(len(kinds), (n,))
    x = patterns[torch.tensor(kinds)[y]].unsqueeze(1)
    return x + 0.2 * torch.randn(n, 1, 8, 8), y


def train(model, optimizer, x, y, steps):
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    for step in range(steps):
        model.train()
        optimizer.zero_grad()
        outputs = model(x)
        loss = criterion(outputs, y)
        loss.backward()
        optimizer.step()
        if step % 5 == 0 or step == steps - 1:
            _, preds = torch.max(outputs, 1)
            acc = torch.sum(preds == y.data).double() / len(y)
            print(f"  step {step:2d} Loss: {loss:.4f} Acc: {acc:.4f}")


model = Backbone()
x, y = pictures(48, [0, 1, 2])
train(model, optim.Adam(model.parameters(), lr=0.03), x, y, 16)

# The file that lessons would download.
file = io.BytesIO()
torch.save(model.state_dict(), file)
file.seek(0)
pretrained = Backbone()
print(pretrained.load_state_dict(torch.load(file, weights_only=True)))
same = all(torch.equal(a, b) for a, b in zip(model.parameters(), pretrained.parameters()))
print("the same weights:", same)

for param in pretrained.parameters():
    param.requires_grad = False
pretrained.fc = nn.Linear(pretrained.fc.in_features, 2)
print(pretrained)
for name, p in pretrained.named_parameters():
    print(f"{name:20} {tuple(p.shape)!s:14} trainable={p.requires_grad}")
before = pretrained.features[0].weight.clone()
x, y = pictures(32, [3, 2])
trainable = filter(lambda p: p.requires_grad, pretrained.parameters())
train(pretrained, optim.SGD(trainable, lr=0.5, momentum=0.9), x, y, 10)
print("features moved:", not torch.equal(before, pretrained.features[0].weight))
print("frozen gradient:", pretrained.features[0].weight.grad)

# Then the last convolution too, more slowly.
pretrained.features[4].requires_grad_(True)
optimizer = optim.SGD(
    [
        {"params": pretrained.fc.parameters(), "lr": 0.1},
        {"params": pretrained.features[4].parameters(), "lr": 0.01},
    ],
    momentum=0.9,
)
train(pretrained, optimizer, x, y, 6)

# Names that do not fit, and a part of a state_dict.
try:
    Backbone(5).load_state_dict(model.state_dict())
except RuntimeError as error:
    print(str(error).splitlines()[1].strip())
other = Backbone(5)
part = {k: v for k, v in model.state_dict().items() if not k.startswith("fc")}
print(other.load_state_dict(part, strict=False))
activation = {}
other.features[4].register_forward_hook(lambda m, i, o: activation.update(conv=o.detach()))
other(x[:1])
print(activation["conv"].shape, activation["conv"].mean())
print([name for name, _ in other.named_children()], len(list(other.modules())))
extractor = nn.Sequential(*list(other.children())[:-1], nn.Flatten())
print(extractor(x[:2]).shape)
