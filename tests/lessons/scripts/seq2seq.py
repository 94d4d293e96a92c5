"""Sequence to sequence with attention: words spelt backwards, teacher forcing, greedy decoding."""

import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(0)
torch.manual_seed(0)
PAD, SOS, EOS = 0, 1, 2
letters = "abcdef"
words = ["".join(random.choices(letters, k=random.randint(2, 5))) for _ in range(24)]
index = {c: i + 3 for i, c in enumerate(letters)}


def encode(word):
    return torch.tensor([*(index[c] for c in word), EOS])


def make_batch(words):
    words = sorted(words, key=len, reverse=True)
    source = pad_sequence([encode(w) for w in words], batch_first=True)
    target = pad_sequence([encode(w[::-1]) for w in words], batch_first=True)
    return source, torch.tensor([len(w) + 1 for w in words]), target


class EncoderRNN(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n, hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True)
        out, hidden = self.gru(packed)
        out, _ = pad_packed_sequence(out, batch_first=True)
        return out, hidden


class BahdanauAttention(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.Wa = nn.Linear(hidden, hidden)
        self.Ua = nn.Linear(hidden, hidden)
        self.Va = nn.Linear(hidden, 1)

    def forward(self, query, keys, mask):
        scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys))).squeeze(2).unsqueeze(1)
        weights = F.softmax(scores.masked_fill(mask[:, None], -1e9), dim=-1)
        return torch.bmm(weights, keys), weights


class AttnDecoder(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n, hidden)
        self.attention = BahdanauAttention(hidden)
        self.gru = nn.GRU(2 * hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, n)

    def forward(self, encoder_out, hidden, mask, target=None, steps=6):
        token = torch.full((encoder_out.size(0), 1), SOS)
        outputs, attentions = [], []
        for i in range(target.size(1) if target is not None else steps):
            context, weights = self.attention(hidden.permute(1, 0, 2), encoder_out, mask)
            x = torch.cat((self.embedding(token), context), dim=2)
            out, hidden = self.gru(x, hidden)
            logits = self.out(out)
            outputs.append(logits)
            attentions.append(weights)
            if target is not None:
                token = target[:, i].unsqueeze(1)
            else:
                token = logits.topk(1)[1].squeeze(-1).detach()
        return F.log_softmax(torch.cat(outputs, dim=1), dim=-1), torch.cat(attentions, dim=1)


source, lengths, target = make_batch(words)
print(source.shape, lengths, target[0])
mask = source == PAD
encoder, decoder = EncoderRNN(9, 16), AttnDecoder(9, 16)
print(encoder, decoder)
params = [*encoder.parameters(), *decoder.parameters()]
print("parameters:", sum(p.numel() for p in params))
optimizer = optim.Adam(params, lr=0.02)
criterion = nn.NLLLoss(ignore_index=PAD)
for epoch in range(12):
    out, hidden = encoder(source, lengths)
    log_probs, _ = decoder(out, hidden, mask, target)
    loss = criterion(log_probs.view(-1, 9), target.view(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 3 == 2:
        hit = (log_probs.argmax(-1) == target)[target != PAD].float().mean()
        print(f"epoch {epoch + 1:2d} loss {loss:.4f} letters right {hit:.3f}")
with torch.no_grad():
    out, hidden = encoder(source, lengths)
    log_probs, attention = decoder(out, hidden, mask, steps=source.size(1))
    for row in range(0, 24, 8):
        ids = log_probs[row].argmax(-1).tolist()
        guess = "".join(
            letters[i - 3] for i in ids[: ids.index(EOS) if EOS in ids else None] if i > 2
        )
        word = "".join(letters[i - 3] for i in source[row].tolist() if i > 2)
        print(f"{word} < {guess}")
torch.set_printoptions(precision=3)
print(attention[0])
packed = pack_padded_sequence(torch.arange(1, 7).view(2, 3), torch.tensor([3, 2]), batch_first=True)
print(packed.data, packed.batch_sizes)
