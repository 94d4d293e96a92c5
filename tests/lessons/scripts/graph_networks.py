"""Graph networks from scratch, by gathering and scattering; contrastive and metric losses."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(8)
edges = torch.tensor(
    [
        [0, 1, 1, 2, 2, 3, 3, 0, 4, 5, 5, 6, 6, 4, 3, 4],
        [1, 0, 2, 1, 3, 2, 0, 3, 5, 4, 6, 5, 4, 6, 4, 3],
    ]
)
n = 7
x = torch.eye(n)
y = torch.tensor([0, 0, 0, 0, 1, 1, 1])
loops = torch.arange(n).repeat(2, 1)
ei = torch.cat([edges, loops], 1)
deg = torch.zeros(n).scatter_add_(0, ei[1], torch.ones(ei.size(1)))
norm = deg[ei[0]].rsqrt() * deg[ei[1]].rsqrt()
print(deg, norm[:4], torch.bincount(edges[0]))


class GCN(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.w = nn.Parameter(torch.empty(i, o))
        nn.init.xavier_uniform_(self.w, gain=nn.init.calculate_gain("relu"))
        self.b = nn.Parameter(torch.zeros(o))

    def forward(self, x):
        m = (x @ self.w)[ei[0]] * norm[:, None]
        return torch.zeros(n, m.size(1)).index_add(0, ei[1], m) + self.b


class GAT(nn.Module):
    def __init__(self, i, o, heads):
        super().__init__()
        self.lin = nn.Linear(i, o * heads, bias=False)
        self.a = nn.Parameter(torch.randn(2, heads, o) * 0.3)
        self.h = heads

    def forward(self, x):
        z = self.lin(x).view(n, self.h, -1)
        e = F.leaky_relu((z[ei[0]] * self.a[0]).sum(-1) + (z[ei[1]] * self.a[1]).sum(-1), 0.2)
        top = torch.full((n, self.h), -torch.inf).scatter_reduce(
            0, ei[1, :, None].expand_as(e), e, "amax"
        )
        p = (e - top[ei[1]]).exp()
        s = torch.zeros(n, self.h).scatter_add(0, ei[1, :, None].expand_as(p), p)
        alpha = p / s[ei[1]]
        out = torch.zeros_like(z).index_add_(0, ei[1], alpha.unsqueeze(-1) * z[ei[0]])
        return out.flatten(1), alpha


net, gat = GCN(n, 4), GAT(4, 3, 2)
head = nn.Linear(6, 2)
params = [*net.parameters(), *gat.parameters(), *head.parameters()]
opt = torch.optim.Adamax(params, lr=0.05)
mask = torch.tensor([True, False, False, False, False, False, True])
for epoch in range(12):
    h, alpha = gat(F.dropout(net(x).relu(), 0.2))
    out = head(h)
    loss = F.cross_entropy(out[mask], y[mask])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 4 == 3:
        acc = (out.argmax(1) == y)[~mask].float().mean()
        print(epoch, loss.item(), acc)
print(alpha[:3].detach(), h[0])
# NT-Xent
z1, z2 = (
    F.normalize(torch.randn(4, 5, requires_grad=True), dim=1),
    F.normalize(torch.randn(4, 5), dim=-1),
)
z = torch.cat([z1, z2])
sim = (z @ z.mT / 0.5).masked_fill(torch.eye(8, dtype=torch.bool), -1e9)
target = torch.cat([torch.arange(4, 8), torch.arange(4)])
print(F.cross_entropy(sim, target))
a, p, q = torch.randn(3, 4, 5, requires_grad=True).unbind()
print(
    F.triplet_margin_loss(a, p, q, margin=0.5),
    nn.TripletMarginWithDistanceLoss(distance_function=lambda u, v: 1 - F.cosine_similarity(u, v))(
        a, p, q
    ),
)
print(
    nn.TripletMarginWithDistanceLoss(),
    nn.CosineEmbeddingLoss(margin=0.2)(a, p, torch.tensor([1, -1, 1, -1])),
    nn.MultiMarginLoss()(a, torch.tensor([0, 1, 4, 2])),
)
adj = torch.zeros(n, n).index_put((edges[0], edges[1]), torch.tensor(1.0), accumulate=True)
lap = torch.diag(adj.sum(1)) - adj
vals = torch.linalg.eigvalsh(lap)
print(
    vals[1:],
    torch.matrix_power(adj, 3)[0],
    torch.linalg.pinv(lap).trace(),
    adj.nonzero().shape,
    torch.triu(adj).sum(),
)
print(
    torch.topk(h.norm(dim=1), 3).indices,
    torch.unique(y, return_counts=True),
    torch.argsort(deg, stable=True),
    torch.combinations(torch.arange(3)),
    torch.cartesian_prod(torch.tensor([1, 2]), torch.tensor([3, 4])),
)
