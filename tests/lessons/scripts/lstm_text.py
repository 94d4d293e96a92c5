"""An LSTM cell written out, checked against nn.LSTM, and a language model on a nursery line."""

import torch
from torch import nn

torch.manual_seed(11)


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    gates = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = gates.chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


lstm = nn.LSTM(input_size=3, hidden_size=5)
print(lstm)
for name, p in lstm.named_parameters():
    print(name, tuple(p.shape))
x = torch.randn(6, 2, 3)
out, (hn, cn) = lstm(x)
print(out.shape, hn.shape, cn.shape)
h = c = torch.zeros(2, 5)
steps = []
for t in range(6):
    h, c = lstm_cell(x[t], h, c, *lstm._parameters.values())
    steps.append(h)
print("ours is nn.LSTM's:", torch.allclose(torch.stack(steps), out, atol=1e-6))
print(out[-1])

words = "row row row your boat gently down the stream merrily merrily life is but a dream".split()
vocab = {w: i for i, w in enumerate(dict.fromkeys(words))}
ids = torch.LongTensor([vocab[w] for w in words])
print(vocab)


class LanguageModel(nn.Module):
    def __init__(self, n_tokens, dim, hidden):
        super().__init__()
        self.encoder = nn.Embedding(n_tokens, dim)
        self.lstm = nn.LSTM(dim, hidden, num_layers=2, dropout=0.0)
        self.decoder = nn.Linear(hidden, n_tokens)
        self.hidden = hidden
        self.init_weights()

    def init_weights(self):
        self.encoder.weight.data.uniform_(-0.1, 0.1)
        self.decoder.bias.data.fill_(0)
        self.decoder.weight.data.uniform_(-0.1, 0.1)

    def init_hidden(self, batch):
        weight = next(self.parameters())
        return (weight.new_zeros(2, batch, self.hidden), weight.new_zeros(2, batch, self.hidden))

    def forward(self, tokens, state):
        output, state = self.lstm(self.encoder(tokens), state)
        return self.decoder(output.view(-1, self.hidden)), state


model = LanguageModel(len(vocab), 10, 16)
print(model)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.5)
source, target = ids[:-1].unsqueeze(1), ids[1:]
hidden = model.init_hidden(1)
for epoch in range(10):
    hidden = tuple(h.detach() for h in hidden)
    optimizer.zero_grad()
    logits, hidden = model(source, hidden)
    loss = criterion(logits, target)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 0.25)
    optimizer.step()
    scheduler.step()
    ppl = torch.exp(loss).item()
    print(f"{epoch} loss {loss.item():.4f} ppl {ppl:.3f} lr {scheduler.get_last_lr()[0]:.4f}")

gru = nn.GRU(4, 3, bidirectional=True, batch_first=True)
y, hn = gru(torch.randn(2, 5, 4))
print(gru, y.shape, hn.shape)
print(y[0, :2])
