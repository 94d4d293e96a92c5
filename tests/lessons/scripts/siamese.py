"""Learning by comparison: a siamese net with contrastive, triplet and InfoNCE losses."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(36)
prototypes = torch.randn(4, 10)


def draw(labels):
    return prototypes[labels] + 0.4 * torch.randn(len(labels), 10)


class Embedder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, 24), nn.PReLU(), nn.Linear(24, 3))

    def forward(self, x):
        return F.normalize(self.net(x), p=2, dim=-1)


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=1.0):
        super().__init__()
        self.margin = margin

    def forward(self, a, b, different):
        distance = F.pairwise_distance(a, b, keepdim=True)
        near = (1 - different) * distance.pow(2)
        far = different * torch.clamp(self.margin - distance, min=0.0).pow(2)
        return torch.mean(near + far)


def report(model):
    model.eval()
    labels = torch.arange(4).repeat(5)
    with torch.no_grad():
        z = model(draw(labels))
    similarity = z @ z.T
    same = labels[:, None] == labels[None, :]
    off = ~torch.eye(len(labels), dtype=torch.bool)
    hits = (similarity.masked_fill(~off, -2).argmax(1) % 4 == labels).float().mean()
    print(
        f"  same {similarity[same & off].mean():.4f} other {similarity[~same].mean():.4f}"
        f" nearest is same {hits:.2f}"
    )


def contrastive(model):
    a = torch.randint(4, (32,))
    b = torch.where(torch.rand(32) < 0.5, a, torch.randint(4, (32,)))
    return ContrastiveLoss()(model(draw(a)), model(draw(b)), (a != b).float().unsqueeze(1))


def triplet(model):
    anchor = torch.randint(4, (32,))
    other = (anchor + torch.randint(1, 4, (32,))) % 4
    loss = nn.TripletMarginLoss(margin=0.5, p=2)
    return loss(model(draw(anchor)), model(draw(anchor)), model(draw(other)))


def info_nce(model, temperature=0.2):
    labels = torch.arange(4)
    a, b = model(draw(labels)), model(draw(labels))
    return F.cross_entropy(a @ b.T / temperature, labels)


print(Embedder(), ContrastiveLoss())
for loss_of in (contrastive, triplet, info_nce):
    torch.manual_seed(1)
    model = Embedder()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02, amsgrad=True)
    print(loss_of.__name__)
    report(model)
    for step in range(21):
        model.train()
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model)
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            print(f"  step {step:2d} loss {loss.item():.4f}")
    report(model)
print("PReLU:", model.net[1].weight)

a, p, n = torch.eye(3).unbind()
print(F.triplet_margin_loss(a[None], p[None], n[None]), F.pairwise_distance(a[None], p[None]))
print(
    F.cosine_similarity(a, a + p, dim=0),
    F.cosine_embedding_loss(a[None], p[None], torch.tensor([-1])),
)
print(F.margin_ranking_loss(torch.tensor([0.2]), torch.tensor([0.5]), torch.tensor([1.0])))
print(F.hinge_embedding_loss(torch.tensor([0.3, 0.6]), torch.tensor([1, -1])))
x = torch.zeros(2, requires_grad=True)
F.normalize(x, dim=0).sum().backward()
print("gradient at zero:", x.grad)
x.grad = None
F.pairwise_distance(x[None], torch.zeros(1, 2)).sum().backward()
print(torch.isfinite(x.grad).all())
