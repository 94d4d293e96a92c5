"""Without labels: k-means, principal components by SVD, a mixture by EM, all with tensors."""

import math

import torch

torch.manual_seed(30)
centres = torch.tensor([[0.0, 0.0, 0.0], [4.0, 4.0, 0.0], [-4.0, 4.0, 1.0]])
labels = torch.arange(3).repeat_interleave(20)
X = centres[labels] + torch.randn(60, 3) * torch.tensor([1.0, 0.6, 0.2])
X = X[torch.randperm(len(X))]


def kmeans(X, k, iterations=8):
    means = X[torch.randperm(len(X))[:k]].clone()
    for i in range(iterations):
        distance = torch.cdist(X, means)
        nearest, assignment = distance.min(dim=1)
        counts = torch.zeros(k).index_add_(0, assignment, torch.ones(len(X)))
        sums = torch.zeros(k, X.shape[1]).index_add_(0, assignment, X)
        new = torch.where(counts[:, None] > 0, sums / counts[:, None], means)
        print(f"k-means {i}: inertia {nearest.square().sum():.3f} counts {counts.long().tolist()}")
        if torch.allclose(new, means):
            break
        means = new
    return means, assignment


means, assignment = kmeans(X, 3)
order = means[:, 0].argsort()
print(means[order], assignment[:10].shape)
silhouette = []
for i in range(3):
    inside = X[assignment == i]
    silhouette.append((inside.shape[0], inside.std(dim=0).mean().item()))
print(sorted((n, round(s, 4)) for n, s in silhouette))

# PCA.
centred = X - X.mean(dim=0, keepdim=True)
U, S, Vh = torch.linalg.svd(centred, full_matrices=False)
signs = torch.sign(Vh[torch.arange(3), Vh.abs().argmax(dim=1)])
components = Vh * signs[:, None]
explained = S**2 / (len(X) - 1)
print("components", components)
print("explained", explained / explained.sum(), torch.cumsum(explained, 0) / explained.sum())
covariance = torch.cov(X.T)
print(
    "covariance",
    covariance,
    torch.allclose(torch.linalg.eigvalsh(covariance).flip(0), explained, 1e-4),
)
print("correlation", torch.corrcoef(X.T))
projected = centred @ components[:2].T
reconstructed = projected @ components[:2] + X.mean(0)
print(projected.shape, f"error {(X - reconstructed).pow(2).sum(1).mean():.5f}")
whitened = U * math.sqrt(len(X) - 1)
print((torch.cov(whitened.T) - torch.eye(3)).abs().max() < 1e-4)

# Expectation and maximisation for two Gaussians on a line.
z = torch.cat([torch.randn(40) * 0.5 - 2, torch.randn(60) + 1.5])
weight, mu, sigma = torch.tensor([0.5, 0.5]), torch.tensor([-1.0, 1.0]), torch.ones(2)
for i in range(12):
    log_p = -0.5 * ((z[:, None] - mu) / sigma) ** 2 - sigma.log() - 0.5 * math.log(2 * math.pi)
    log_joint = log_p + weight.log()
    total = torch.logsumexp(log_joint, dim=1, keepdim=True)
    r = (log_joint - total).exp()
    n = r.sum(0)
    weight, mu = n / len(z), (r * z[:, None]).sum(0) / n
    sigma = ((r * (z[:, None] - mu) ** 2).sum(0) / n).sqrt()
    if i % 4 == 3:
        print(f"EM {i + 1}: log likelihood {total.sum():.3f}")
print("weight", weight, "mu", mu, "sigma", sigma)
print("median", z.median(), "quartiles", torch.quantile(z, torch.tensor([0.25, 0.75])))
print("histogram", torch.histc(z, bins=8, min=-4, max=4))
print("nearest", torch.topk((z - 1.5).abs(), 3, largest=False).values)

# Nearest neighbours vote.
train, test = X[:50], X[50:]
truth = assignment[:50]
near = torch.cdist(test, train).topk(5, largest=False).indices
votes = truth[near].mode(dim=1).values
print("agree:", (votes == assignment[50:]).sum().item(), "of", len(test))
