"""Word vectors: skip-gram with negative sampling, and CBOW, on a few sentences."""

from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(2)
corpus = """the king rules the land . the queen rules the land .
the man works the field . the woman works the field .
the king and the queen sit in the castle . the man and the woman sit in the house .""".split()
counts = Counter(corpus)
vocab = [w for w, _ in counts.most_common()]
word_to_ix = {word: i for i, word in enumerate(vocab)}
print(len(corpus), "words,", len(vocab), "different:", vocab[:5])
ids = torch.tensor([word_to_ix[w] for w in corpus], dtype=torch.long)

freq = torch.tensor([counts[w] for w in vocab], dtype=torch.float) ** 0.75
noise = freq / freq.sum()
print(noise)

window = 2
pairs = [
    (ids[i], ids[j])
    for i in range(len(ids))
    for j in range(max(0, i - window), min(len(ids), i + window + 1))
    if i != j
]
centres = torch.stack([c for c, _ in pairs])
contexts = torch.stack([o for _, o in pairs])
print(centres.shape, centres[:6], contexts[:6])


class SkipGram(nn.Module):
    def __init__(self, vocab_size, embed_dim):
        super().__init__()
        self.in_embed = nn.Embedding(vocab_size, embed_dim)
        self.out_embed = nn.Embedding(vocab_size, embed_dim)
        self.out_embed.weight.data.zero_()

    def forward(self, centre, context, negative):
        v = self.in_embed(centre)
        positive = (v * self.out_embed(context)).sum(dim=1)
        others = torch.bmm(self.out_embed(negative), v.unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(positive) + F.logsigmoid(-others).sum(1)).mean()


model = SkipGram(len(vocab), 8)
print(model)
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.3)
for epoch in range(6):
    order = torch.randperm(len(pairs))
    total = 0.0
    for chunk in order.split(50):
        negative = torch.multinomial(noise, len(chunk) * 4, replacement=True).view(-1, 4)
        loss = model(centres[chunk], contexts[chunk], negative)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(chunk)
    print("skip-gram", epoch, round(total / len(pairs), 4))


def nearest(word, k=3):
    table = F.normalize(model.in_embed.weight.detach(), dim=1)
    near = table @ table[word_to_ix[word]]
    values, indices = near.topk(k + 1)
    return [(vocab[i], f"{v:.2f}") for v, i in zip(values[1:], indices[1:].tolist(), strict=True)]


print("king:", nearest("king"))
a, b = (model.in_embed(torch.tensor(word_to_ix[w])) for w in ("king", "queen"))
print("cosine:", F.cosine_similarity(a, b, dim=0), nn.CosineSimilarity(dim=0)(a, b).item())


class CBOW(nn.Module):
    def __init__(self, vocab_size, embedding_dim):
        super().__init__()
        self.embeddings = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.linear1 = nn.Linear(embedding_dim, 16)
        self.linear2 = nn.Linear(16, vocab_size)

    def forward(self, inputs):
        embeds = self.embeddings(inputs).sum(dim=0).view((1, -1))
        return F.log_softmax(self.linear2(F.relu(self.linear1(embeds))), dim=1)


model = CBOW(len(vocab), 10)
loss_function = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
losses = []
for _ in range(2):
    total_loss = 0
    for i in range(2, len(ids) - 2):
        context = torch.cat([ids[i - 2 : i], ids[i + 1 : i + 3]])
        model.zero_grad()
        loss = loss_function(model(context), ids[i].view(1))
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
    losses.append(round(total_loss, 3))
print("CBOW", losses)
print(model.embeddings.weight[:2], model.embeddings.weight.grad[0].abs().sum())
