"""Which reviews are kind? Convolutions over words, and a bag of embeddings to compare with."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

torch.manual_seed(33)
GOOD = ["great", "lovely", "fun", "clever"]
BAD = ["dull", "awful", "slow", "poor"]
FILL = ["the", "film", "was", "really", "and", "plot", "a", "bit"]
vocab = {w: i for i, w in enumerate(["<pad>", *GOOD, *BAD, *FILL, "not"])}


def review():
    label = torch.randint(2, (1,)).item()
    words = [FILL[i] for i in torch.randint(len(FILL), (6,))]
    at = int(torch.randint(5, (1,)))
    negate = torch.rand(1).item() < 0.3
    pool = GOOD if bool(label) != negate else BAD
    words[at] = pool[torch.randint(4, ())]
    if negate:
        words.insert(at, "not")
    return words, label


data = [review() for _ in range(64)]
print(" ".join(data[0][0]), data[0][1])
print(" ".join(data[1][0]), data[1][1])
print("positive:", sum(label for _, label in data))


def collate(batch):
    ids = torch.zeros(len(batch), 7, dtype=torch.int64)
    for row, (words, _) in enumerate(batch):
        ids[row, : len(words)] = torch.tensor([vocab[w] for w in words])
    return ids, torch.tensor([label for _, label in batch]).float()


class TextCNN(nn.Module):
    def __init__(self, n, dim=8, channels=6, widths=(1, 2, 3)):
        super().__init__()
        self.embedding = nn.Embedding(n, dim, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(dim, channels, w) for w in widths])
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(channels * len(widths), 1)

    def forward(self, ids):
        x = self.embedding(ids).permute(0, 2, 1)
        pooled = []
        for conv in self.convs:
            h = F.relu(conv(x))
            pooled.append(F.max_pool1d(h, h.shape[2]).squeeze(2))
        return self.fc(self.dropout(torch.cat(pooled, dim=1))).squeeze(1)


class Bag(nn.Module):
    def __init__(self, n, dim=8):
        super().__init__()
        self.embedding = nn.EmbeddingBag(n, dim, mode="mean", padding_idx=0)
        self.fc = nn.Linear(dim, 1)

    def forward(self, ids):
        return self.fc(self.embedding(ids)).squeeze(1)


loader = DataLoader(data, batch_size=16, shuffle=True, collate_fn=collate)
for model in (TextCNN(len(vocab)), Bag(len(vocab))):
    print(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    criterion = nn.BCEWithLogitsLoss(reduction="mean")
    for epoch in range(4):
        model.train()
        total, right = 0.0, 0
        for ids, y in loader:
            optimizer.zero_grad()
            logits = model(ids)
            loss = criterion(logits, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            right += ((logits > 0) == y.bool()).sum().item()
        print(f"  epoch {epoch} loss {total / len(data):.4f} accuracy {right / len(data):.3f}")

cnn = TextCNN(len(vocab)).eval()
ids, _ = collate(data[:2])
x = cnn.embedding(ids).transpose(1, 2)
print(x.shape, cnn.convs[1](x).shape, cnn(ids).shape)
print(cnn.convs[0].weight.shape, cnn.embedding.weight[0])
for name, module in cnn.named_modules():
    print(repr(name), type(module).__name__)
pretrained = nn.Embedding.from_pretrained(torch.eye(3), freeze=True)
print(pretrained, pretrained(torch.tensor([2, 0])), pretrained.weight.requires_grad)
signal = torch.tensor([[[0.0, 1.0, 0.0, 2.0, 0.0]]])
kernel = torch.tensor([[[1.0, 0.0, -1.0]]])
print(F.conv1d(signal, kernel), F.conv1d(signal, kernel, stride=2, padding=1))
print(F.conv1d(signal, kernel, dilation=2), F.avg_pool1d(signal, 2), nn.MaxPool1d(3, 1)(signal))
