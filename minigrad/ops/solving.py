"""Inverses, determinants and the solution of linear equations, through LAPACK.

All take batches of matrices: the last two dimensions are a matrix's rows and columns. In the
formulas, A' is the transpose of A.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import broadcast_shapes, dtypes_differ, type_name
from minigrad.ops.arguments import integer, is_number, need_tensor, numpys_names, typed
from minigrad.ops.arithmetic import expand
from minigrad.ops.choice import where
from minigrad.ops.diagonals import _tril, _triu
from minigrad.ops.elementwise import clone
from minigrad.ops.linalg import matmul
from minigrad.ops.products import swapped
from minigrad.promotion import plain
from minigrad.return_types import return_type

__all__ = ["det", "inverse", "logdet", "matrix_power", "pinverse", "slogdet"]

Slogdet = return_type("linalg_slogdet", "sign", "logabsdet")
OldSlogdet = return_type("slogdet", "sign", "logabsdet")


class _LinAlgError(RuntimeError):
    """A matrix for which the result is not defined: a singular one has no inverse."""


LinAlgError = _LinAlgError  # torch's names, both


# The kernels that refuse the dtype themselves, by name; the other functions check it.
KERNELS = {
    "linalg.cholesky": "cholesky_cpu",
    "linalg.det": "lu_cpu",
    "linalg.eigh": "linalg_eigh_cpu",
    "linalg.qr": "geqrf_cpu",
    "linalg.solve": "lu_cpu",
    "linalg.solve_triangular": "triangular_solve_cpu",
    "linalg.svd": "linalg_svd_cpu",
}
CHECK_NO_DTYPE = ("linalg.eigh", "linalg.solve_triangular")


def need_matrix(function: str, A: Any, square: bool = False, name: str = "A") -> None:
    """Raise unless ``A`` is a matrix of floats, or a batch of them, and square where it must be."""
    need_tensor(function, A, name)
    shape, dtype = A.array.shape, A.array.dtype
    function = function.replace("linalg_", "linalg.")
    if len(shape) < 2:
        raise RuntimeError(f"{function}: The input tensor {name} must have at least 2 dimensions.")
    if square and shape[-1] != shape[-2]:
        raise RuntimeError(
            f"{function}: {name} must be batches of square matrices, but they are {shape[-2]} by "
            f"{shape[-1]} matrices"
        )
    if dtype.kind != "f" and function not in CHECK_NO_DTYPE:
        raise RuntimeError(
            f"{function}: Expected a floating point or complex tensor as input. Got "
            f"{type_name(dtype)}. Convert it with .float()"
        )
    if dtype.kind != "f" or dtype.itemsize == 2:
        if function in KERNELS:
            raise NotImplementedError(
                f'"{KERNELS[function]}" not implemented for {type_name(dtype)!r}. Convert it with '
                ".float()"
            )
        raise RuntimeError(
            f"{function}: Low precision dtypes not supported. Got {type_name(dtype)}"
        )


def failing(function: str, shape: tuple[int, ...], bad: Array, why: str) -> LinAlgError:
    """The error of the first matrix of a batch that has failed."""
    element = f"(Batch element {int(np.argmax(bad.reshape(-1)))}): " if len(shape) > 2 else ""
    return LinAlgError(f"{function}: {element}{why}")


def svd_factors(A: Array, full: bool = True) -> Any:
    """numpy's U, S and Vh, with torch's error where the algorithm does not converge."""
    with converging(A):
        return tuple(np.linalg.svd(A, full))


def singular_values(A: Array) -> Array:
    with converging(A):
        return np.linalg.svd(A, compute_uv=False)


@contextmanager
def converging(A: Array, function: str = "linalg.svd") -> Iterator[None]:
    """Raise torch's LinAlgError in place of numpy's, which is a ValueError."""
    try:
        yield
    except np.linalg.LinAlgError:
        bad = np.asarray(~np.isfinite(A).all((-2, -1)))
        why = "the input matrix contained non-finite values" if bad.any() else "of its condition"
        text = f"The algorithm failed to converge because {why}."
        raise failing(function, A.shape, bad, text) from None


def singular(A: Array) -> Array:
    """Which matrices of a batch have a zero among the pivots of their LU factorisation."""
    with np.errstate(all="ignore"):
        return np.asarray(np.linalg.slogdet(A)[0] == 0)


# A inverse: dL/dA = -out' g out'.
def _inverse(x: Array) -> Array:
    n, m = x.shape[-2:]
    if n != m:  # in the derivative of what took an empty batch as it came
        raise RuntimeError(
            f"A must be batches of square matrices, but they are {n} by {m} matrices"
        )
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        why = "The inversion could not be completed because the input matrix is singular."
        raise failing("linalg.inv", x.shape, singular(x), why) from None


_inv: Operator = primitive(
    "LinalgInvExBackward0",
    _inverse,
    x=lambda g, out: -np.matmul(swapped(out), np.matmul(g, swapped(out))),
)


def linalg_inv(A: Any) -> Any:
    """The inverse of square matrices. Derivative: -out' @ g @ out'.

    Raises LinAlgError for a singular matrix, RuntimeError for one that is not square, of integers
    or of float16.
    """
    need_matrix("linalg_inv", A, square=True)
    bad = singular(A.array)
    if bad.any():
        i = zero_pivot(A.array[bad][0] if bad.ndim else A.array)
        raise failing(
            "linalg.inv",
            A.array.shape,
            bad,
            f"The diagonal element {i} is zero, the inversion could not be completed because the "
            "input matrix is singular.",
        )
    return _inv(A)


def eliminate(A: Array) -> tuple[Array, Array]:
    """L below the diagonal and U on and above it, and the rows exchanged, counted from 1."""
    packed = np.ascontiguousarray(A)
    packed = packed.copy() if packed is A else packed
    batch, k = packed.shape[:-2], min(packed.shape[-2:])
    pivots = np.zeros((*batch, k), np.int32)
    for i in np.ndindex(*batch):
        X = packed[i]
        for j in range(k):
            p = j + int(np.argmax(np.abs(X[j:, j])))
            pivots[(*i, j)] = p + 1
            if p != j:
                X[[j, p]] = X[[p, j]]
            if X[j, j] != 0:
                X[j + 1 :, j] /= X[j, j]
                X[j + 1 :, j + 1 :] -= np.outer(X[j + 1 :, j], X[j, j + 1 :])
    return packed, pivots


def zero_pivots(packed: Array) -> Array:
    """For each eliminated matrix the number, from 1, of its first pivot that is zero, or 0."""
    zero = np.diagonal(packed, axis1=-2, axis2=-1) == 0
    before = (~zero).cumprod(-1).sum(-1)
    return np.where(zero.any(-1), before + 1, 0).astype(np.int32)


def zero_pivot(A: Array) -> int:
    """The number of a singular matrix's first zero pivot; the last, where rounding hides it."""
    return int(zero_pivots(eliminate(A)[0])) or len(A)


def regular(A: Any, bad: Array) -> Any:
    """A, with unit matrices in the place of those that are ``bad``."""
    if not bad.any():
        return A
    return where(
        wrap(bad[..., None, None]), wrap(np.eye(A.array.shape[-1], dtype=A.array.dtype)), A
    )


def inverse(input: Any) -> Any:
    """`linalg.inv` by its old name."""
    need_tensor("inverse", input)
    return linalg_inv(input)


def _cofactors(A: Array) -> Any:
    """The derivative of the determinant: det(A) A'^-1, and its limit where A is singular."""
    det = np.asarray(np.linalg.det(A))
    if not singular(A).any():
        return det[..., None, None] * swapped(np.linalg.inv(A))
    u, s, vh = svd_factors(A)
    n = A.shape[-1]
    others = np.where(np.eye(n, dtype=bool), A.dtype.type(1), s[..., None, :])
    signs = np.linalg.det(u) * np.linalg.det(vh)
    return signs[..., None, None] * np.matmul(u * others.prod(-1)[..., None, :], vh)


def _cofactors_rule(g: Any, A: Any, out: Any) -> Any:
    inverse_t = swapped(_inv(A))
    product = np.matmul(swapped(g), out)
    total = np.sum(g * out, axis=(-2, -1))
    return total[..., None, None] * inverse_t - np.matmul(inverse_t, product)


_cofactor_matrix: Operator = primitive(
    "LinalgDetBackward0", _cofactors, A=lambda g, A, out: _cofactors_rule(g, A, out)
)
_det = primitive(
    "LinalgDetBackward0",
    np.linalg.det,
    A=lambda g, A: g[..., None, None] * _cofactor_matrix(A),
)


def linalg_det(A: Any) -> Any:
    """The determinant of square matrices. Derivative: g times the matrix of cofactors.

    That is det(A) A'^-1, and defined for a singular matrix too. Raises RuntimeError for matrices
    that are not square or of integers, NotImplementedError for float16.
    """
    need_matrix("linalg_det", A, square=True)
    return _det(A)


def det(input: Any) -> Any:
    """`linalg.det` by its old name."""
    need_tensor("det", input)
    return linalg_det(input)


_slogdet = wide_primitive(
    "LinalgSlogdetBackward0",
    lambda A: tuple(np.linalg.slogdet(A)),
    outputs=("sign", "logabsdet"),
    A=lambda g_sign, g_log, A: g_log[..., None, None] * swapped(_inv(A)),
)


def linalg_slogdet(A: Any) -> Any:
    """The sign of the determinant and the logarithm of its absolute value.

    Returns a named tuple (sign, logabsdet), of a singular matrix 0 and -inf. Derivative of the
    latter: g A'^-1; of the sign: 0. Raises RuntimeError for matrices that are not square, of
    integers or of float16, and LinAlgError in the backward pass of a singular one.
    """
    need_matrix("linalg_slogdet", A, square=True)
    return Slogdet(_slogdet(A))


def slogdet(input: Any) -> Any:
    """`linalg.slogdet` by its old name."""
    need_tensor("slogdet", input)
    need_matrix("linalg_slogdet", input, square=True)
    return OldSlogdet(_slogdet(input))


def logdet(input: Any) -> Any:
    """The logarithm of the determinant: NaN where that is negative, -inf where it is 0.

    Derivative: g A'^-1. Errors as of `linalg.slogdet`.
    """
    need_tensor("logdet", input)
    need_matrix("logdet", input, square=True)
    sign, logabsdet = _slogdet(input)
    return where(sign == -1, float("nan"), logabsdet)


# A x = b: with y = A'^-1 g, dL/db = y and dL/dA = -y x'.
_solve: Operator = wide_primitive(
    "LinalgSolveExBackward0",
    lambda A, B: np.linalg.solve(A, B),
    A=lambda g, A, out: -np.matmul(_solve(swapped(A), g), swapped(out)),
    B=lambda g, A: _solve(swapped(A), g),
)
_solve_vector: Operator = wide_primitive(
    "LinalgSolveExBackward0",
    lambda A, B: np.linalg.solve(A, B[..., None])[..., 0],
    A=lambda g, A, out: -_solve_vector(swapped(A), g)[..., None] * out[..., None, :],
    B=lambda g, A: _solve_vector(swapped(A), g),
)
# x A = b: with y = g A'^-1, dL/db = y and dL/dA = -x' y.
_solve_right: Operator = wide_primitive(
    "LinalgSolveExBackward0",
    lambda A, B: swapped(np.linalg.solve(swapped(A), swapped(B))),
    A=lambda g, A, out: -np.matmul(swapped(out), _solve_right(swapped(A), g)),
    B=lambda g, A: _solve_right(swapped(A), g),
)


def linalg_solve(A: Any, B: Any, *, left: bool = True) -> Any:
    """The X of A X = B, or of X A = B where ``left`` is False; batches broadcast.

    B is a vector, or a batch of vectors, if it has A's shape without the last dimension; not where
    ``left`` is False. Derivatives: with Y = A'^-1 g, that is Y for B and -Y X' for A; of X A = B,
    with Y = g A'^-1, Y and -X' Y. Raises LinAlgError where A is singular, RuntimeError for A that
    is not square, other shapes of B, dtypes that differ and integers, NotImplementedError for
    float16.
    """
    need_matrix("linalg_solve", A, square=True)
    need_tensor("linalg_solve", B, "B", 2)
    a, b = A.array, B.array
    if a.dtype != b.dtype:
        raise RuntimeError(
            "linalg.solve: Expected A and B to have the same dtype, but found A of type "
            f"{type_name(a.dtype)} and B of type {type_name(b.dtype)} instead"
        )
    vector = b.ndim == 1 or (a.ndim - 1 == b.ndim and b.shape == a.shape[:-1])
    if not b.ndim:
        raise RuntimeError("linalg.solve: The input tensor B must have at least 1 dimensions.")
    if vector and not left:
        raise RuntimeError(
            "linalg.solve: Vector broadcasting of the left hand side is not supported for "
            "left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1)"
        )
    n = b.shape[-1 if vector or not left else -2]
    if n != a.shape[-1]:
        raise RuntimeError(
            f"linalg.solve: Incompatible shapes of A and B for the equation "
            f"{'AX = B' if left else 'XA = B'} ({a.shape[-2]}x{a.shape[-1]} and "
            f"{n if vector else b.shape[-2]}x{1 if vector else b.shape[-1]})"
        )
    bad = singular(a)
    if bad.any():
        why = "The solver failed because the input matrix is singular."
        raise failing("torch.linalg.solve", a.shape, bad, why)
    return (_solve_vector if vector else _solve if left else _solve_right)(A, B)


def _triangle(A: Array, upper: bool, unit: int) -> Array:
    kept: Array = np.triu(A) if upper else np.tril(A)
    if unit:
        n = A.shape[-1]
        kept[..., range(n), range(n)] = 1
    return kept


def _of_triangle(x: Any, upper: bool, unit: int) -> Any:
    """The part of a gradient that belongs to the elements which were used."""
    return _triu(x, unit) if upper else _tril(x, -unit)


_solve_triangular: Operator = wide_primitive(
    "LinalgSolveTriangularBackward0",
    lambda A, B, upper, unit: np.linalg.solve(_triangle(A, upper, unit), B),
    A=lambda g, A, out, upper, unit: _of_triangle(
        -np.matmul(_solve_triangular(swapped(A), g, not upper, unit), swapped(out)), upper, unit
    ),
    B=lambda g, A, upper, unit: _solve_triangular(swapped(A), g, not upper, unit),
)
_solve_triangular_right: Operator = wide_primitive(
    "LinalgSolveTriangularBackward0",
    lambda A, B, upper, unit: swapped(
        np.linalg.solve(swapped(_triangle(A, upper, unit)), swapped(B))
    ),
    A=lambda g, A, out, upper, unit: _of_triangle(
        -np.matmul(swapped(out), _solve_triangular_right(swapped(A), g, not upper, unit)),
        upper,
        unit,
    ),
    B=lambda g, A, upper, unit: _solve_triangular_right(swapped(A), g, not upper, unit),
)


@typed("A", "B")
def linalg_solve_triangular(
    A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Any:
    """The X of A X = B, or of X A = B, where only a triangle of A counts.

    ``unitriangular`` takes its diagonal for ones. Derivatives: as of `linalg.solve`, in the
    triangle.
    """
    need_matrix("linalg_solve_triangular", A, square=True)
    need_matrix("linalg_solve_triangular", B, name="B")
    if A.array.dtype != B.array.dtype:
        raise dtypes_differ("mm", A.array.dtype, B.array.dtype)
    (*batch, rows, columns), n = B.array.shape, A.array.shape[-1]
    if n != (rows if left else columns):
        raise RuntimeError(
            "linalg.solve_triangular: Incompatible shapes of A and B for the equation "
            f"{'AX' if left else 'XA'} = B ({n}x{n} and {rows}x{columns})"
        )
    broadcast_shapes(tuple(batch), A.array.shape[:-2])
    solve = _solve_triangular if left else _solve_triangular_right
    return solve(A, B, bool(upper), int(unitriangular))


def _pinv_rule(g: Any, A: Any, out: Any) -> Any:
    # Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares
    # problems (1973), transposed.
    g_t, out_t = swapped(g), swapped(out)
    left = np.matmul(g_t - np.matmul(A, np.matmul(out, g_t)), np.matmul(out, out_t))
    right = np.matmul(np.matmul(out_t, out), g_t - np.matmul(np.matmul(g_t, out), A))
    return left + right - np.matmul(out_t, np.matmul(g, out_t))


def _pseudo_inverse(A: Array, rtol: Any, hermitian: bool) -> Array:
    with converging(A):
        return np.linalg.pinv(A, rtol, hermitian)


_pinv: Operator = wide_primitive(
    "LinalgPinvBackward0",
    _pseudo_inverse,
    A=lambda g, A, out: _pinv_rule(g, A, out),
)


def tolerances(function: str, A: Array, atol: Any, rtol: Any) -> tuple[Any, Any]:
    """Up to what singular values count as 0: absolutely, and as a part of the largest.

    The second is by default the dtype's eps times the larger size, or 0 where the first is above 0.
    """
    for name, given in (("atol", atol), ("rtol", rtol)):
        if given is not None and not (isinstance(given, Value) or is_number(given)):
            raise TypeError(
                f"{function}(): argument '{name}' must be Tensor or Number, not "
                f"{type(given).__name__}"
            )
    absolute = np.asarray(0.0 if atol is None else plain(atol))
    if rtol is None:
        usual = float(np.finfo(A.dtype).eps) * max(A.shape[-2:])
        relative = np.where(absolute > 0, 0.0, usual)
    else:
        relative = np.asarray(plain(rtol))
    if A.size:
        broadcast_shapes(absolute.shape, broadcast_shapes(relative.shape, A.shape[:-2]))
    return absolute, relative


@numpys_names
@typed("A")
def linalg_pinv(
    A: Any, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Any:
    """The pseudo-inverse of matrices, by singular values; the small ones count as 0.

    Small are those up to max(atol, rtol * the largest). rtol is by default the unit roundoff times
    the larger size, or 0 where ``atol`` is above 0; ``rcond`` is its old name. Tolerances may be
    tensors, which broadcast with the batch. Derivative: Golub and Pereyra, 1973, where the rank
    does not change.
    """
    array = A.array
    if array.ndim < 2 or array.dtype.kind != "f" or array.dtype.itemsize == 2:
        raise RuntimeError(
            f"linalg.pinv({type_name(array.dtype)}{{{list(array.shape)}}}): expected a tensor with "
            "2 or more dimensions of float, double, cfloat or cdouble types"
        )
    rtol = rcond if rtol is None else rtol
    if hermitian and array.size:
        need_matrix("linalg_eigh", A, square=True)
    absolute, relative = tolerances("linalg_pinv", array, atol, rtol)
    if atol is not None and array.size:
        largest = singular_values(array).max(-1)
        with np.errstate(all="ignore"):
            relative = np.where(largest > 0, np.maximum(absolute / largest, relative), relative)
    if not array.size:  # whatever the tolerances are
        relative = np.asarray(0.0)
    batch = broadcast_shapes(relative.shape, array.shape[:-2])
    if batch != array.shape[:-2]:
        A = expand(A, (*batch, *array.shape[-2:]))
    return _pinv(A, relative, hermitian and bool(array.size))


def pinverse(input: Any, rcond: float = 1e-15) -> Any:
    """`linalg.pinv` by its old name."""
    need_tensor("pinverse", input)
    return linalg_pinv(input, rtol=rcond)


def linalg_matrix_power(A: Any, n: int) -> Any:
    """The product of ``n`` equal square matrices; of their inverses for a negative n.

    Made of matrix products, and so are its derivatives.
    """
    need_tensor("linalg_matrix_power", A, "A")
    n = integer("linalg_matrix_power", n, "n")
    shape = A.array.shape
    if len(shape) < 2:
        raise RuntimeError(
            "linalg.matrix_power: The input tensor A must have at least 2 dimensions."
        )
    if shape[-1] != shape[-2]:
        raise RuntimeError(
            "linalg.matrix_power: A must be batches of square matrices, but they are "
            f"{shape[-2]} by {shape[-1]} matrices"
        )
    if n < 0:
        return linalg_inv(A) if n == -1 else linalg_matrix_power(linalg_inv(A), -n)
    if n == 0:
        return clone(A).copy_(wrap(np.eye(shape[-1], dtype=A.array.dtype)))
    if n == 1:
        return clone(A)
    if n == 3:
        return matmul(matmul(A, A), A)
    power, result = A, None
    while n:
        if n & 1:
            result = power if result is None else matmul(result, power)
        n >>= 1
        if n:
            power = matmul(power, power)
    return result


def matrix_power(input: Any, n: int) -> Any:
    """`linalg.matrix_power` by its old name."""
    need_tensor("matrix_power", input)
    return linalg_matrix_power(input, n)
