"""Tensors: making, indexing, broadcasting, views and copies, dtypes, in-place, numpy."""

import numpy as np
import torch

torch.manual_seed(0)

print(torch.tensor([1, 2, 3]), torch.tensor(3.5), torch.tensor([[1.0, 2], [3, 4]]))
print(
    torch.tensor([True, False]), torch.tensor([]), torch.tensor([1.5, float("nan"), float("inf")])
)
print(torch.zeros(2, 3), torch.ones(2, dtype=torch.int32), torch.full((2, 2), 7.0))
print(torch.arange(10), torch.arange(0, 1, 0.25), torch.linspace(0, 1, 5), torch.eye(3))
print(torch.rand(2, 2), torch.randn(3), torch.randint(0, 10, (2, 3)), torch.randperm(6))
print(torch.empty(0, 3), torch.zeros_like(torch.ones(2)), torch.logspace(0, 2, 3))
print(torch.tensor([1e-8, 1.0]), torch.tensor([1e10, 1.0]), torch.tensor([1000.0, 0.001]))
print(torch.tensor([100000.0, 1.0]), torch.tensor(1e-5), torch.tensor([-0.0, 0.0]))
print(torch.zeros(3, dtype=torch.float64), torch.ones(2, dtype=torch.bool))
print(torch.arange(2000), torch.rand(100, 100).shape)
print(torch.zeros(50, 60))

x = torch.arange(24).reshape(2, 3, 4)
print(x, x.shape, x.size(0), x.ndim, x.dim(), x.numel(), x.dtype, x.device)
print(type(x), type(x.shape), type(x.dtype), type(x.device), x.type())
print(x[0], x[:, 1], x[..., -1], x[0, 1, 2], x[1, :, ::2], x[x > 20], x[[1, 0], [2, 0]])
print(x[:, None].shape, x[:, [0, 2]].shape, x[0, 0, 0].item(), x[-1, -1].tolist())
print(x.sum(), x.sum(dim=0), x.float().mean(dim=(1, 2)), x.max(), x.argmax(), x.max(dim=2))
print(x.permute(2, 0, 1).shape, x.transpose(0, 1).stride(), x.view(6, -1).shape, x.flatten()[:5])
print(x.unsqueeze(0).shape, x.unsqueeze(-1).squeeze(-1).shape, x.view(-1, 2)[:2])

a = torch.tensor([[1.0], [2.0], [3.0]])
b = torch.tensor([10.0, 20.0])
print(a + b, a * b, (a + b).shape, a.expand(3, 2), a.repeat(1, 2))
try:
    torch.ones(3) + torch.ones(2)
except RuntimeError as error:
    print(str(error)[:86])

v = torch.zeros(2, 3)
row = v[0]
row += 1
c = v.clone()
c[1] = 5
w = v.view(3, 2)
w[2, 1] = 9
print(v, c, w, v.data_ptr() == w.data_ptr(), w.is_contiguous(), v.t().is_contiguous())
print(v.t().contiguous().view(-1), v.reshape(6), id(v.add_(1)) == id(v))
try:
    v.t().view(-1)
except RuntimeError as error:
    print(str(error)[:60])
v[:, 1] = torch.tensor([7.0, 8.0])
v[v > 8] = 0
v.mul_(2).sub_(1).clamp_(min=0)
print(v, v._version > 0)

print(torch.tensor([1, 2]) / 2, torch.tensor([1, 2]) // 2, torch.tensor([5, -5]) % 3)
print(torch.tensor([1, 2]) + 0.5, torch.tensor([1, 2]) * torch.tensor([1.5, 2.5]))
print((torch.ones(2, dtype=torch.float64) + torch.ones(2)).dtype, torch.tensor(1) + True)
print(torch.tensor([1.7, -1.7]).int(), torch.tensor([0, 2]).bool(), torch.tensor([1, 2]).double())
print(torch.tensor([3]).to(torch.float16), torch.tensor([250], dtype=torch.uint8) + 10)
print(torch.result_type(torch.tensor(1), 1.0), torch.promote_types(torch.int32, torch.float32))
print(torch.float32, torch.finfo(torch.float32).eps, torch.iinfo(torch.int64).max)

n = np.array([1.0, 2.0, 3.0])
t = torch.from_numpy(n)
n[0] = 100
print(t, t.numpy() is n, torch.tensor(n, dtype=torch.float32), np.asarray(t), type(t.numpy()))
print(torch.as_tensor([1, 2]).numpy().dtype, torch.Tensor([1, 2]), torch.LongTensor([3]))
print(torch.cat([a, a], dim=1), torch.stack([b, b]), torch.stack([b, b], dim=1))
print(torch.chunk(torch.arange(7), 3), torch.arange(6).split([2, 4]))
print(torch.where(a > 1.5, a, -a).T, torch.sort(b, descending=True), torch.topk(a.flatten(), 2))
print(torch.equal(a, a.clone()), torch.allclose(a, a + 1e-9), (a == a).all(), torch.any(a > 2))
print(torch.unique(torch.tensor([3, 1, 3, 2]), return_inverse=True))
print(torch.cumsum(torch.arange(1, 5), 0), torch.tensor([1.0, 2.0, 4.0]).diff(), b.prod())
print(
    a.mm(a.T),
    a.T @ a,
    b.dot(b),
    torch.outer(b, b),
    torch.matmul(torch.ones(2, 3, 4), torch.ones(4)),
)
print(torch.isnan(torch.tensor([1.0, float("nan")])), torch.isinf(torch.tensor([1.0, -torch.inf])))
print(bool(torch.tensor(1.0)), int(torch.tensor(3.9)), float(torch.tensor(2)), len(x))
print(f"{torch.tensor(3.14159):.2f}", [round(float(i), 1) for i in b], *torch.arange(3))
torch.set_printoptions(precision=2, threshold=10)
print(torch.linspace(0, 1, 30), torch.rand(2, 2))
