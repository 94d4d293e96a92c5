"""Products and factorisations: einsum spelt out, and what torch.linalg knows."""

import torch

torch.manual_seed(19)
torch.set_printoptions(precision=4, sci_mode=False)
a, b = torch.randn(3, 4), torch.randn(4, 5)
v, w = torch.randn(4), torch.randn(4)
batch = torch.randn(2, 3, 4)
for name, got, expected in [
    ("matrix product", torch.einsum("ij,jk->ik", a, b), a @ b),
    ("transpose", torch.einsum("ij->ji", a), a.T),
    ("sum", torch.einsum("ij->", a), a.sum()),
    ("row sums", torch.einsum("ij->i", a), a.sum(1)),
    ("inner", torch.einsum("i,i", v, w), v.dot(w)),
    ("outer", torch.einsum("i,j->ij", v, w), torch.outer(v, w)),
    ("trace", torch.einsum("ii", b[:, :4]), b[:, :4].trace()),
    ("diagonal", torch.einsum("ii->i", b[:, :4]), b[:, :4].diagonal()),
    ("batched", torch.einsum("bij,jk->bik", batch, b), batch @ b),
    ("ellipsis", torch.einsum("...ij,...kj->...ik", batch, batch), batch @ batch.mT),
    ("bilinear", torch.einsum("i,ij,j->", v[:3], a, w), v[:3] @ a @ w),
    ("hadamard", torch.einsum("ij,ij->ij", a, a), a * a),
]:
    print(f"{name:15} {str(tuple(got.shape)):10} {torch.allclose(got, expected, atol=1e-5)}")
print(a @ b, a @ v, torch.mv(a, w), torch.bmm(batch, batch.transpose(1, 2)).shape)
print(torch.tensordot(batch, b, dims=1).shape, torch.kron(torch.eye(2), torch.ones(1, 2)))
print(torch.addmm(torch.ones(3, 5), a, b).sum(), torch.chain_matmul(a, b, b.T).shape)

torch.set_default_dtype(torch.float64)
M = torch.tensor([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]])
rhs = torch.tensor([1.0, 2.0, 3.0])
print("det", torch.det(M), torch.linalg.det(M), torch.slogdet(M))
print("inverse", torch.inverse(M), torch.linalg.inv(M) @ M)
print("solve", torch.linalg.solve(M, rhs), M @ torch.linalg.solve(M, rhs))
values, vectors = torch.linalg.eigh(M)
print("eigh", values, torch.allclose(vectors @ values.diag() @ vectors.T, M))
L = torch.linalg.cholesky(M)
print("cholesky", L, (L @ L.T - M).abs().max() < 1e-12)
Q, R = torch.linalg.qr(M)
print("qr", torch.allclose(Q @ R, M), torch.allclose(Q.T @ Q, torch.eye(3)), R.abs().diagonal())
U, S, Vh = torch.linalg.svd(M)
print("svd", S, torch.allclose(U @ torch.diag_embed(S) @ Vh, M), torch.linalg.cond(M))
print("norms", torch.linalg.norm(M), torch.linalg.norm(M, 2), torch.linalg.norm(M, float("inf")))
print(torch.linalg.vector_norm(rhs, ord=1), torch.norm(rhs), rhs.norm(p=float("inf")))
print("rank", torch.linalg.matrix_rank(torch.outer(rhs, rhs)), "trace", torch.trace(M))
print("power", torch.linalg.matrix_power(M, 3), torch.matrix_power(M, 2)[0])
print("exp", torch.linalg.matrix_exp(torch.tensor([[0.0, 1.0], [-1.0, 0.0]])))
tall = torch.cat([M, torch.ones(2, 3)])
print("lstsq", torch.linalg.lstsq(tall, torch.arange(5.0)[:, None]).solution.flatten())
print("pinv", torch.linalg.pinv(tall) @ tall, torch.pinverse(tall).shape)
print(torch.linalg.multi_dot([M, M, rhs]), torch.cross(M[0], M[1], dim=0))
print(torch.triu(M), torch.tril(M, -1), torch.diag(M), torch.diag(rhs))
print(torch.cdist(M, M), torch.linalg.solve_triangular(L, rhs[:, None], upper=False).T)

# Derivatives of all that.
M.requires_grad_()
torch.logdet(M).backward()
print("d logdet = inverse transposed:", torch.allclose(M.grad, M.detach().inverse().T), M.grad[0])
(g,) = torch.autograd.grad(torch.linalg.eigvalsh(M)[-1], M)
print("d largest eigenvalue", g, torch.outer(vectors[:, -1], vectors[:, -1]))
(g,) = torch.autograd.grad(torch.linalg.norm(M, "nuc"), M)
print("d nuclear norm", g)
(g,) = torch.autograd.grad(torch.linalg.solve(M, rhs).sum(), M)
print(g, torch.autograd.grad(torch.einsum("i,ij,jk,k", rhs, M, M, rhs), M)[0])

# The power method and Gram and Schmidt.
q = torch.ones(3)
for _ in range(30):
    q = M.detach() @ q
    q = q / q.norm()
print("power method", q, q @ M.detach() @ q)
basis = []
for column in M.detach().T:
    for e in basis:
        column = column - e.dot(column) * e
    basis.append(column / column.norm())
print(torch.stack(basis) @ torch.stack(basis).T)
