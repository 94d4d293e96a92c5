"""Our own Dataset, transforms, a collate_fn for sentences of any length, samplers, splits."""

import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    random_split,
)

torch.manual_seed(8)


class Squares(Dataset):
    def __init__(self, n, transform=None):
        self.x = torch.arange(n, dtype=torch.float32)
        self.transform = transform

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        sample = {"x": self.x[i], "y": self.x[i] ** 2, "name": f"item {i}"}
        return self.transform(sample) if self.transform else sample


class Scale:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, sample):
        return {**sample, "x": sample["x"] * self.factor}


data = Squares(10, transform=Scale(0.1))
print(len(data), data[3])
for i, batch in enumerate(DataLoader(data, batch_size=4, shuffle=True)):
    print(i, batch["x"], batch["y"], batch["name"])

train, val, test = random_split(data, [0.6, 0.2, 0.2], generator=torch.Generator().manual_seed(42))
print([len(part) for part in (train, val, test)], train.indices, val.indices, test.indices)
print([d["name"] for d in Subset(data, [1, 2])], len(ConcatDataset([train, val])))

sentences = ["a b c", "d e", "f", "a c e b d", "b"]
vocab = {"<pad>": 0, "<unk>": 1}
for sentence in sentences:
    for word in sentence.split():
        vocab.setdefault(word, len(vocab))


class Text(Dataset):
    def __len__(self):
        return len(sentences)

    def __getitem__(self, i):
        ids = [vocab.get(w, 1) for w in sentences[i].split()]
        return torch.tensor(ids), torch.tensor(len(ids) % 2)


def collate(batch):
    sequences, labels = zip(*batch, strict=True)
    lengths = torch.tensor([len(s) for s in sequences])
    padded = pad_sequence(sequences, batch_first=True, padding_value=vocab["<pad>"])
    return padded, lengths, torch.stack(labels)


for padded, lengths, labels in DataLoader(Text(), batch_size=3, collate_fn=collate):
    print(padded, lengths, labels)
    mask = torch.arange(padded.size(1))[None, :] < lengths[:, None]
    print(mask, (padded != 0).equal(mask))

labels = torch.tensor([0] * 16 + [1] * 4)
weights = 1.0 / torch.bincount(labels).float()[labels]
sampler = WeightedRandomSampler(weights, num_samples=20, replacement=True)
balanced = DataLoader(TensorDataset(torch.arange(20), labels), batch_size=10, sampler=sampler)
print("ones in each batch:", [int(y.sum()) for _, y in balanced])
even = DataLoader(range(20), sampler=SubsetRandomSampler(range(0, 20, 2)), batch_size=5)
print("even numbers:", [b.tolist() for b in even])


class Stream(IterableDataset):
    def __iter__(self):
        yield from (i * i for i in range(7))


print([b.tolist() for b in DataLoader(Stream(), batch_size=3)])
print(next(iter(DataLoader(Stream(), batch_size=3, drop_last=True))))
print(default_collate([(1, 2.0, "a"), (3, 4.0, "b")]), default_collate([{"k": [1, 2]}] * 2))
g = torch.Generator()
g.manual_seed(5)
for epoch in range(2):
    print("epoch", epoch, [b.tolist() for b in DataLoader(range(6), 3, True, generator=g)])
loader = DataLoader(data, batch_size=4)
print(loader.batch_size, loader.num_workers, loader.drop_last, type(loader.sampler).__name__)
mean = torch.cat([b["y"] for b in loader]).mean()
print("mean", mean, "std", torch.std(torch.cat([b["y"] for b in loader])))
