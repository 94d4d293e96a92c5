"""Which token appears twice? An encoder of nn.TransformerEncoderLayer, with padding masks."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(23)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, dropout=0.1, max_len=50):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(1, max_len, d_model)
        pe[0, :, 0::2] = torch.sin(position * div_term)
        pe[0, :, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return self.dropout(x + self.pe[:, : x.size(1)])


class Classifier(nn.Module):
    def __init__(self, n_tokens, n_classes, d_model=16, nhead=2, layers=2):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_model, padding_idx=0)
        self.position = PositionalEncoding(d_model)
        layer = nn.TransformerEncoderLayer(
            d_model, nhead, dim_feedforward=32, dropout=0.1, batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, num_layers=layers)
        self.head = nn.Linear(d_model, n_classes)

    def forward(self, tokens):
        padding = tokens == 0
        x = self.position(self.embedding(tokens) * math.sqrt(self.embedding.embedding_dim))
        x = self.encoder(x, src_key_padding_mask=padding)
        keep = (~padding).unsqueeze(-1).float()
        return self.head((x * keep).sum(1) / keep.sum(1))


def batch(n, length=6, classes=4):
    tokens = torch.stack([torch.randperm(classes)[:3] + 1 for _ in range(n)])
    label = torch.randint(0, 3, (n,))
    twice = tokens.gather(1, label[:, None])
    tokens = torch.cat([tokens, twice, torch.zeros(n, length - 4, dtype=torch.long)], dim=1)
    return tokens, twice.squeeze(1) - 1


tokens, labels = batch(3)
print(tokens, labels)
model = Classifier(5, 4)
print(model)
print("parameters:", sum(p.numel() for p in model.parameters()))
print(model.position.pe[0, :3, :6])
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
for step in range(15):
    tokens, labels = batch(16)
    logits = model(tokens)
    loss = F.cross_entropy(logits, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 5 == 4:
        acc = (logits.argmax(-1) == labels).float().mean()
        print(f"step {step + 1} loss {loss.item():.4f} acc {acc:.3f}")
model.eval()
with torch.no_grad():
    print(model(tokens[:2]).softmax(-1))
print("embedding of the padding:", model.embedding.weight[0].abs().sum().item())

attention = nn.MultiheadAttention(8, 2, batch_first=True)
q, kv = torch.randn(1, 3, 8), torch.randn(1, 4, 8)
out, weights = attention(q, kv, kv)
print(out.shape, weights, weights.sum(-1))
out, weights = attention(q, q, q, attn_mask=nn.Transformer.generate_square_subsequent_mask(3))
print(weights)
s = F.scaled_dot_product_attention(q, kv, kv)
by_hand = torch.softmax(q @ kv.transpose(-2, -1) / math.sqrt(8), dim=-1) @ kv
print(torch.allclose(s, by_hand, atol=1e-6), s[0, 0])
causal = F.scaled_dot_product_attention(q, q, q, is_causal=True)
print(torch.allclose(causal[:, 0], q[:, 0], atol=1e-6))
