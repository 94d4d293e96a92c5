"""Products of vectors, matrices and tensors, but for the matrix product itself (linalg.py)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import broadcast_shapes, c_name, type_name, warn_once
from minigrad.ops.arguments import need_tensor, numpys_names, one_dim, typed
from minigrad.ops.arithmetic import mul, sum
from minigrad.ops.linalg import dot, mm
from minigrad.ops.old_overloads import number_first
from minigrad.ops.reduction import count
from minigrad.ops.shape import _unsafe_view as unsafe
from minigrad.ops.shape import _view as view
from minigrad.ops.shape import expanded_shape, permute, reshape
from minigrad.promotion import (
    arithmetic,
    factor,
    need_factor,
    need_numbers,
    result_type,
    same_dtype,
)

__all__ = [
    "addbmm",
    "addmv",
    "addr",
    "baddbmm",
    "chain_matmul",
    "cross",
    "ger",
    "inner",
    "kron",
    "outer",
    "tensordot",
    "vdot",
]


def swapped(x: Any) -> Any:
    """Each matrix transposed, of an array or of a tensor."""
    return np.swapaxes(x, -1, -2)


def _sum_of(product: Any, x: Array, beta: Any, alpha: Any) -> Any:
    """``beta * x + alpha * product``; with beta 0, x counts for nothing, NaN included."""
    out = product if alpha == 1 else product * alpha
    return out if beta == 0 else out + (x if beta == 1 else x * beta)


_addmv = wide_primitive(
    "AddmvBackward0",
    lambda x, a, b, beta, alpha: _sum_of(np.dot(a, b), x, beta, alpha),
    x=lambda g, beta: g * beta,
    a=lambda g, b, alpha: (g * alpha)[:, None] * b,
    b=lambda g, a, alpha: np.dot(a.T, g * alpha),
)
_addr = wide_primitive(
    "AddrBackward0",
    lambda x, a, b, beta, alpha: _sum_of(np.multiply.outer(a, b), x, beta, alpha),
    # The input counts as expanded: a number's dtype takes part as well.
    promote=lambda arrays: [*arithmetic([np.atleast_1d(arrays[0]), *arrays[1:3]]), *arrays[3:]],
    x=lambda g, beta: g * beta,
    a=lambda g, b, alpha: np.dot(g, b) * alpha,
    b=lambda g, a, alpha: np.dot(g.T, a) * alpha,
)
_baddbmm = wide_primitive(
    "BaddbmmBackward0",
    lambda x, a, b, beta, alpha: _sum_of(np.matmul(a, b), x, beta, alpha),
    x=lambda g, beta: g * beta,
    a=lambda g, b, alpha: np.matmul(g, swapped(b)) * alpha,
    b=lambda g, a, alpha: np.matmul(swapped(a), g) * alpha,
)
_addbmm = wide_primitive(
    "AddbmmBackward0",
    lambda x, a, b, beta, alpha: _sum_of(
        np.add.reduce(np.matmul(a, b), 0, x.dtype), x, beta, alpha
    ),
    x=lambda g, beta: g * beta,
    a=lambda g, b, alpha: np.matmul(g, swapped(b)) * alpha,
    b=lambda g, a, alpha: np.matmul(swapped(a), g) * alpha,
)


def scales(x: Any, beta: Any, alpha: Any) -> tuple[Any, Any]:
    """The factors as numbers of the operands' kind: of integers, they are cut off."""
    dtype = x.array.dtype
    return factor(beta, dtype), factor(alpha, dtype)


def added(
    function: str, names: tuple[str, str], ndims: tuple[int, int], given: Sequence[Any]
) -> None:
    """Check the operands of ``beta * input + alpha * (a @ b)``."""
    x, a, b = [each.array for each in given]
    for name, array, ndim in zip(names, (a, b), ndims, strict=True):
        if array.ndim != ndim:
            kind = {1: "vector", 2: "matrix", 3: "3D tensor"}[ndim]
            raise RuntimeError(f"{name} must be a {kind}, but has shape {list(array.shape)}")
    if x.dtype != a.dtype or a.dtype != b.dtype:
        raise RuntimeError(
            f"{function}: expected all operands to have the same dtype, but got "
            f"{', '.join(type_name(y.dtype) for y in (x, a, b))}. Convert them with .to(dtype)"
        )
    need_numbers(function, x.dtype)


@number_first(3, "beta", "alpha")
@typed("input", "mat", "vec")
def addmv(input: Any, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """``beta * input + alpha * (mat @ vec)``, of an (n, k) matrix and a vector of k.

    Derivatives: beta g, and alpha times those of `mv`. Raises RuntimeError for other shapes.
    """
    a, b = mat.array, vec.array
    if a.ndim != 2 or b.ndim != 1 or input.array.ndim > 1:
        raise RuntimeError(
            f"vector + matrix @ vector expected, got {input.array.ndim}, {a.ndim}, {b.ndim}"
        )
    if a.shape[1] != b.shape[0] or input.array.shape not in ((), (1,), (a.shape[0],)):
        if not input.array.ndim:  # torch's message wants a size of it
            raise IndexError("Dimension specified as 0 but tensor has no dimensions")
        raise RuntimeError(
            f"size mismatch, got input ({count(input.array.shape)}), "
            f"mat ({a.shape[0]}x{a.shape[1]}), vec ({b.shape[0]})"
        )
    added("addmv", ("mat", "vec"), (2, 1), (input, mat, vec))
    return _addmv(input, mat, vec, *scales(input, beta, alpha))


@number_first(3, "beta", "alpha")
@typed("input", "vec1", "vec2")
def addr(input: Any, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """``beta * input + alpha * outer(vec1, vec2)``; the input broadcasts to its shape.

    Derivatives: beta g; alpha times g @ vec2 and g.T @ vec1.
    """
    for name, x in (("vec1", vec1), ("vec2", vec2)):
        if x.array.ndim != 1:
            raise RuntimeError(f"addr: Expected 1-D argument {name}, but got {x.array.ndim}-D")
    shape = (vec1.array.size, vec2.array.size)
    expanded_shape(input.array.shape, shape, input.array.dtype)
    dtype = result_type([np.atleast_1d(input.array), vec1.array, vec2.array])
    for name, number in (("beta", beta), ("alpha", alpha)):
        need_factor(name, number, dtype.kind)
    return _addr(input, vec1, vec2, factor(beta, dtype), factor(alpha, dtype))


@number_first(3, "beta", "alpha")
@typed("input", "batch1", "batch2")
def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """``beta * input + alpha * bmm(batch1, batch2)``; the input broadcasts to the shape.

    Derivatives: beta g, and alpha times those of `bmm`. Raises RuntimeError for other shapes.
    """
    shape = (batch1.size(0), batch1.size(1), batch2.size(2))
    if input.array.dtype != batch1.array.dtype:
        kinds = [c_name(x.array.dtype) for x in (input, batch1, batch2)]
        raise RuntimeError(
            "Input dtypes must be the same, got: input {}, batch1: {}, batch2: {}".format(*kinds)
        )
    added("baddbmm", ("batch1", "batch2"), (3, 3), (input, batch1, batch2))
    expanded_shape(input.array.shape, shape, input.array.dtype)
    fitting_batches(batch1, batch2)
    return _baddbmm(input, batch1, batch2, *scales(input, beta, alpha))


@number_first(3, "beta", "alpha")
@typed("input", "batch1", "batch2")
def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """``beta * input + alpha * bmm(batch1, batch2).sum(0)``.

    Derivatives: beta g, and alpha times those of `bmm`, with g for each matrix of the batch.
    """
    shape = (batch1.size(1), batch2.size(2))
    added("addbmm", ("batch1", "batch2"), (3, 3), (input, batch1, batch2))
    fitting_batches(batch1, batch2)
    expanded_shape(input.array.shape, shape, input.array.dtype)
    return _addbmm(input, batch1, batch2, *scales(input, beta, alpha))


def fitting_batches(batch1: Any, batch2: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    a, b = batch1.array.shape, batch2.array.shape
    if a[0] != b[0] or a[2] != b[1]:
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{a[0]}, {a[2]}] but got: [{b[0]}, {b[1]}]."
        )
    return a, b


_vdot = primitive(
    "VdotBackward0",
    np.dot,
    promote=same_dtype("dot"),
    a=lambda g, b: g * b,
    b=lambda g, a: g * a,
)


def vdot(input: Any, other: Any) -> Any:
    """`dot` of real vectors, by the name that conjugates complex ones."""
    dot(input, other)  # checks
    return _vdot(input, other)


def outer(input: Any, vec2: Any) -> Any:
    """All products of an element of one vector and one of the other, (n, m).

    Derivatives: g @ vec2 and g.T @ input. Raises RuntimeError for other than vectors.
    """
    need_tensor("outer", input)
    need_tensor("outer", vec2, "vec2", 2)
    for name, x in (("self", input), ("vec2", vec2)):
        if x.array.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {x.array.ndim}-D")
    return mul(reshape(input, input.array.size, 1), vec2)


def ger(input: Any, vec2: Any) -> Any:
    """`outer` by its old name."""
    return outer(input, vec2)


def kron(input: Any, other: Any) -> Any:
    """The Kronecker product: the matrix of ``other`` in the place of each element of ``input``.

    Of tensors of any ranks; the one of fewer dimensions gets leading ones. Derivatives: as of
    the product of all pairs of elements.
    """
    need_tensor("kron", input)
    need_tensor("kron", other, "other", 2)
    ndim = max(input.array.ndim, other.array.ndim)
    a = (1,) * (ndim - input.array.ndim) + input.array.shape
    b = (1,) * (ndim - other.array.ndim) + other.array.shape
    left = unsafe(input, tuple([n for size in a for n in (size, 1)]))
    right = unsafe(other, tuple([n for size in b for n in (1, size)]))
    return unsafe(mul(left, right), tuple([n * m for n, m in zip(a, b, strict=True)]))


def inner(input: Any, other: Any) -> Any:
    """The sums of products along the last dimensions, (*, n) and (+, n) to (*, +).

    A 0-d operand multiplies the other. Derivatives: as of `tensordot`. Raises RuntimeError where
    the last sizes differ.
    """
    need_tensor("inner", input)
    need_tensor("inner", other, "other", 2)
    a, b = input.array.shape, other.array.shape
    if not a or not b:
        return mul(input, other)
    if a[-1] != b[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(a)} and {list(b)}"
        )
    return tensordot(input, other, ([-1], [-1]))


def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """The sum of products over pairs of dimensions, one of ``a`` and one of ``b`` each.

    dims:  their number, the last of ``a`` with the first of ``b``; or a list for each of them.

    The result has the other dimensions of ``a``, then those of ``b``. Derivatives: those of a
    matrix product of the two, reshaped. Raises RuntimeError where sizes of a pair differ.
    """
    need_tensor("tensordot", a, "a")
    need_tensor("tensordot", b, "b", 2)
    x, y = a.array, b.array
    if isinstance(dims, Value):
        dims = dims.int().tolist() if dims.array.size > 1 else int(dims)
    if not isinstance(dims, int | list | tuple) or (not isinstance(dims, int) and len(dims) != 2):
        raise RuntimeError(
            "tensordot expects dims to be int or tuple[list[int], list[int]] or "
            f"list[list[int]] containing two lists, but got dims={dims}"
        )
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(x.ndim, y.ndim):
            raise RuntimeError(
                "tensordot expects dims < ndim_a or ndim_b, but got "
                f"dims={dims}; a has {x.ndim} dimensions, b has {y.ndim}"
            )
        dims = [*range(-dims, 0)], [*range(dims)]
    first, second = [[d] if isinstance(d, int) else list(d) for d in dims]
    if len(first) != len(second):
        raise RuntimeError("both dimension lists should have same length")
    if x.dtype != y.dtype:
        raise RuntimeError(
            "both inputs should have same dtype, but got "
            f"{type_name(x.dtype)} and {type_name(y.dtype)}"
        )
    given = [*zip(first, second, strict=True)]
    first = [one_dim(d, x.ndim, "tensordot") for d in first]
    second = [one_dim(d, y.ndim, "tensordot") for d in second]
    for i, j, names in zip(first, second, given, strict=True):
        n, m = x.shape[i], y.shape[j]
        if n == m:
            continue
        if n == 1:
            b = sum(b, j, True, dtype=b.dtype)
        elif m == 1:
            a = sum(a, i, True, dtype=a.dtype)
        else:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {n} in dim {names[0]} "
                f"and second has size {m} in dim {names[1]}"
            )
    x, y = a.array, b.array
    left = [i for i in range(x.ndim) if i not in first]
    right = [j for j in range(y.ndim) if j not in second]
    shape = (*[x.shape[i] for i in left], *[y.shape[j] for j in right])
    summed = count([x.shape[i] for i in first])
    if not left and not right:
        product = dot(reshape(permute(a, first), summed), reshape(permute(b, second), summed))
    else:
        rows, columns = count([x.shape[i] for i in left]), count([y.shape[j] for j in right])
        product = mm(
            reshape(permute(a, [*left, *first]), rows, summed),
            reshape(permute(b, [*second, *right]), summed, columns),
        )
    return view(product, shape)


_cross: Operator = wide_primitive(
    "LinalgCrossBackward0",
    lambda a, b, dim: np.cross(a, b, axisa=dim, axisb=dim, axisc=dim),
    a=lambda g, b, dim: _cross(b, g, dim),
    b=lambda g, a, dim: _cross(g, a, dim),
)


@numpys_names
@typed("input", "other")
def cross(input: Any, other: Any, dim: Any = None) -> Any:
    """The vector products along a dimension of size 3, the first such if ``dim`` is None.

    Derivatives: other x g and g x input. Raises RuntimeError where shapes or dtypes do not fit.
    """
    need_tensor("cross", input)
    need_tensor("cross", other, "other", 2)
    if dim is None:
        warn_once(
            "Using torch.cross without specifying the dim arg is deprecated.\nIt is the first "
            "dimension of size 3; of linalg.cross, the last."
        )
        sizes = broadcast_shapes(input.array.shape, other.array.shape)
        if 3 not in sizes:
            raise RuntimeError("no dimension of size 3 in input")
        dim = sizes.index(3)
    return linalg_cross(input, other, dim=dim)


@numpys_names
@typed("input", "other")
def linalg_cross(input: Any, other: Any, *, dim: int = -1) -> Any:
    """The vector products along dimension ``dim``, of size 3; `cross` with another default."""
    need_tensor("linalg_cross", input)
    need_tensor("linalg_cross", other, "other", 2)
    a, b = input.array, other.array
    if a.ndim != b.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    d = one_dim(dim, a.ndim, "linalg_cross")
    for x in (a, b):
        if not x.ndim or x.shape[d] != 3:
            raise RuntimeError(
                f"linalg.cross: inputs dimension {dim} must have length 3. Got "
                f"{a.shape[d] if a.ndim else 1} and {b.shape[d] if b.ndim else 1}"
            )
    broadcast_shapes(a.shape, b.shape)
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"expected scalar type {type_name(a.dtype)} but found {type_name(b.dtype)}. "
            "Convert one of the two with .to(dtype)."
        )
    need_numbers("cross", a.dtype)
    return _cross(input, other, d)


@typed("x", "y")
def linalg_vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """The sum of ``x * y`` along a dimension. Derivatives: g y and g x."""
    need_tensor("linalg_vecdot", x, "x")
    need_tensor("linalg_vecdot", y, "y", 2)
    a, b = x.array.dtype, y.array.dtype
    if a.kind != "f":
        raise RuntimeError(
            "linalg.vecdot: Expected a floating point or complex tensor as input. Got "
            f"{type_name(a)}"
        )
    if a != b:
        raise RuntimeError(
            "linalg.vecdot: Expected x and y to have the same dtype, but found x of type "
            f"{type_name(a)} and y of type {type_name(b)} instead"
        )
    if x.array.ndim == 1 == y.array.ndim:
        return vdot(x, y)
    return sum(mul(x, y), dim)


def multi_dot(tensors: Any) -> Any:
    """The matrix product of several matrices, in the order that takes the fewest multiplications.

    The first may be a row and the last a column, given as vectors. Raises RuntimeError for fewer
    than two tensors and for shapes that do not fit.
    """
    given = list(tensors)
    if len(given) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(given)}")
    for i, x in enumerate(given):
        need_tensor("linalg_multi_dot", x, "tensors")
        ends = i in (0, len(given) - 1)
        if x.array.ndim != 2 and not (ends and x.array.ndim == 1):
            which, what = f"tensor {i}", "2D"
            if ends:
                which, what = f"the {'last' if i else 'first'} tensor", "1D or 2D"
            raise RuntimeError(f"multi_dot(): {which} must be {what} but got {x.array.ndim}D")
    shape = [*given[0].array.shape[:-1], *given[-1].array.shape[1:]]
    if given[0].array.ndim == 1:
        given[0] = reshape(given[0], 1, -1)
    if given[-1].array.ndim == 1:
        given[-1] = reshape(given[-1], -1, 1)
    for i, (a, b) in enumerate(itertools.pairwise(given)):
        n, m = a.array.shape, b.array.shape
        if n[1] != m[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {i} and {i + 1} with shapes {list(n)} and {list(m)} "
                "cannot be multiplied"
            )
    return view(in_best_order(given), tuple(shape))


def in_best_order(matrices: Sequence[Any]) -> Any:
    """The product of a chain of matrices, by the known dynamic programme over its cuts."""
    sizes = [matrices[0].array.shape[0], *[x.array.shape[1] for x in matrices]]
    best: dict[tuple[int, int], tuple[int, Any]] = {(i, i): (0, x) for i, x in enumerate(matrices)}
    cuts: dict[tuple[int, int], int] = {}
    for length in range(1, len(matrices)):
        for i in range(len(matrices) - length):
            j = i + length
            cost, cut = min(
                (best[i, k][0] + best[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            )
            best[i, j], cuts[i, j] = (cost, None), cut

    def product(i: int, j: int) -> Any:
        if i == j:
            return matrices[i]
        k = cuts[i, j]
        return mm(product(i, k), product(k + 1, j))

    return product(0, len(matrices) - 1)


def chain_matmul(*matrices: Any) -> Any:
    """`linalg.multi_dot` by its old name."""
    for i, x in enumerate(matrices):
        if not isinstance(x, Value):
            raise TypeError(
                f"expected Tensor as element {i} in argument 0, but got {type(x).__name__}"
            )
    warn_once(
        "torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use "
        "linalg.multi_dot, of a list."
    )
    if not matrices:
        raise RuntimeError("chain_matmul(): Expected one or more matrices")
    return multi_dot(matrices) if len(matrices) > 1 else matrices[0]
