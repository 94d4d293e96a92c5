"""Who likes which film: factors of a matrix with holes, with biases, and an SVD to compare."""

import torch
from torch import nn

torch.manual_seed(21)
n_users, n_items, rank = 12, 9, 2
truth = torch.randn(n_users, rank, dtype=torch.float64) @ torch.randn(
    rank, n_items, dtype=torch.float64
)
known = torch.rand(n_users, n_items) < 0.6
ratings = truth + 0.05 * torch.randn_like(truth)
users, items = known.nonzero(as_tuple=True)
values = ratings[known]
print(known.sum(), "of", known.numel(), "known;", values.dtype, users[:5], items[:5])


class Factors(nn.Module):
    def __init__(self, n_users, n_items, n_factors):
        super().__init__()
        self.user = nn.Embedding(n_users, n_factors)
        self.item = nn.Embedding(n_items, n_factors)
        self.user_bias = nn.Parameter(torch.zeros(n_users))
        self.item_bias = nn.Parameter(torch.zeros(n_items))
        for table in (self.user, self.item):
            nn.init.trunc_normal_(table.weight, std=0.3)

    def forward(self, u, i):
        dot = torch.einsum("nk,nk->n", self.user(u), self.item(i))
        return dot + self.user_bias[u] + self.item_bias[i]


model = Factors(n_users, n_items, rank).double()
print(model)
for name, p in model.named_parameters():
    print(name, p.shape, p.dtype)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
loss_fn = nn.HuberLoss(delta=1.0)
for epoch in range(41):
    optimizer.zero_grad()
    loss = loss_fn(model(users, items), values)
    penalty = 1e-3 * sum(p.square().sum() for p in model.parameters())
    (loss + penalty).backward()
    optimizer.step()
    if epoch % 10 == 0:
        print(f"epoch {epoch:2d} loss {loss.item():.6f} penalty {penalty.item():.6f}")
with torch.no_grad():
    full = model.user.weight @ model.item.weight.T + model.user_bias[:, None] + model.item_bias
    hidden = (full - truth)[~known]
    print(f"rmse known {(full - ratings)[known].square().mean().sqrt():.4f}")
    print(f"rmse hidden {hidden.pow(2).mean().sqrt():.4f}")
    best = full.masked_fill(known, float("-inf")).argmax(dim=1)
    print("to recommend:", best.tolist())

# Alternating least squares: each half is a linear problem.
U = torch.randn(n_users, rank, dtype=torch.float64)
V = torch.randn(n_items, rank, dtype=torch.float64)
eye = 0.01 * torch.eye(rank, dtype=torch.float64)
for _ in range(4):
    for table, other, mask, target in ((U, V, known, ratings), (V, U, known.T, ratings.T)):
        for row in range(len(table)):
            A = other[mask[row]]
            table[row] = torch.linalg.solve(A.T @ A + eye, A.T @ target[row, mask[row]])
    print("ALS", ((U @ V.T - ratings)[known] ** 2).mean().sqrt())

singular = torch.linalg.svdvals(truth)
print("singular values:", singular[:2], singular[2:] < 1e-10)
print("rank:", torch.linalg.matrix_rank(truth).item())
left, s, right = torch.linalg.svd(ratings, full_matrices=False)
low = left[:, :rank] @ torch.diag(s[:rank]) @ right[:rank]
print("best of rank 2:", torch.linalg.norm(ratings - low), torch.dist(ratings, low))
