"""Products of Householder reflections, which is how a QR factorisation keeps its Q.

All take batches of matrices. Column i of a matrix A below its diagonal, under a 1, is the vector v
of the reflection H_i = I - tau_i v v'; a matrix's transpose is written '.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.not_implemented import refuse_backward
from minigrad.autograd.value import Array, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name
from minigrad.ops.arguments import need_tensor, typed
from minigrad.ops.diagonals import _tril
from minigrad.ops.lu import unit
from minigrad.ops.products import swapped
from minigrad.return_types import return_type

__all__ = ["geqrf", "orgqr", "ormqr"]

Raw = return_type("geqrf", "a", "tau")


def in_columns(x: Array) -> Array:
    """The same matrices, column after column in memory, as LAPACK returns them."""
    turned: Array = swapped(np.ascontiguousarray(swapped(x)))
    return turned


def reflected(A: Any, tau: Any, X: Any, forwards: Any) -> list[Any]:
    """X, and what becomes of it reflection by reflection: the last one first, or ``forwards``."""
    count = tau.shape[-1]
    V = _tril(A[..., :count], -1) + unit(A, count)
    found = [X]
    for i in range(count) if forwards else range(count - 1, -1, -1):
        v = V[..., i : i + 1]
        found.append(X - tau[..., i : i + 1, None] * np.matmul(v, np.matmul(swapped(v), X)))
        X = found[-1]
    return found


# With Y = H X, and G the cotangent of Y: dtau = -(v'G)(v'X)', dv = -tau (G (v'X)' + X (v'G)'), and
# X has H G. So it goes backwards through the reflections.
def slopes(g: Any, A: Any, tau: Any, X: Any, forwards: Any) -> tuple[Any, Any, Any]:
    count = tau.shape[-1]
    if 0 in tau.shape:  # what torch leaves out of the graph
        return None, None, g
    V = _tril(A[..., :count], -1) + unit(A, count)
    before = reflected(A, tau, X, forwards)
    of_v, of_tau = [A[..., :0]], [tau[..., :0]]
    for i in range(count - 1, -1, -1) if forwards else range(count):
        X = before[i if forwards else count - 1 - i]
        v, t = V[..., i : i + 1], tau[..., i : i + 1, None]
        vg, vx = np.matmul(swapped(v), g), np.matmul(swapped(v), X)
        dv = (np.matmul(g, swapped(vx)) + np.matmul(X, swapped(vg))) * -t
        dt = -np.matmul(vg, swapped(vx))[..., 0]
        of_v, of_tau = (
            ([*of_v, dv], [*of_tau, dt])
            if not forwards
            else (
                [dv, *of_v],
                [dt, *of_tau],
            )
        )
        g = g - t * np.matmul(v, vg)
    rest = np.zeros_like(A[..., count:])
    return _tril(np.concatenate([*of_v, rest], -1), -1), np.concatenate(of_tau, -1), g


def _apply(A: Array, tau: Array, X: Array, left: bool, transpose: bool) -> Array:
    # X Q = (Q' X')', and Q' takes the reflections in the other order.
    made = reflected(A, tau, X if left else swapped(X), transpose == left)[-1]
    return in_columns(made if left else swapped(made))


def applied_rules(g: Any, A: Any, tau: Any, X: Any, left: Any, transpose: Any) -> Any:
    g, X = (g, X) if left else (swapped(g), swapped(X))
    of_A, of_tau, of_X = slopes(g, A, tau, X, transpose == left)
    return of_A, of_tau, of_X if left else swapped(of_X), None, None


_ormqr = wide_primitive(
    "OrmqrBackward0",
    _apply,
    joint=lambda g, A, tau, X, left, transpose: applied_rules(g, A, tau, X, left, transpose),
)
_product = wide_primitive(
    "LinalgHouseholderProductBackward0",
    lambda A, tau: in_columns(reflected(A, tau, unit(A, A.shape[-1]), False)[-1]),
    joint=lambda g, A, tau: slopes(g, A, tau, unit(A, A.shape[-1]), False)[:2],
)


def need_lapack(kernel: str, array: Array) -> None:
    """Raise for dtypes that there is no factorisation of."""
    if array.dtype.kind != "f" or array.dtype.itemsize == 2:
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{type_name(array.dtype)}'. Convert it with .float()"
        )


@typed("input")
def geqrf(input: Any) -> Any:
    """The QR factorisation as LAPACK has it: R on and above the diagonal, reflections below it.

    Returns a named tuple (a, tau), for `linalg.householder_product` and `ormqr`. There is no
    derivative; `linalg.qr` has one.
    """
    need_tensor("geqrf", input)
    x = input.array
    if x.ndim < 2:
        raise RuntimeError("torch.geqrf: input must have at least 2 dimensions.")
    need_lapack("geqrf_cpu", x)
    if x.size:
        turned, tau = np.linalg.qr(x, mode="raw")
        made = [in_columns(swapped(turned)), np.ascontiguousarray(tau)]
    else:
        made = [in_columns(x.copy()), np.zeros((*x.shape[:-2], min(x.shape[-2:])), x.dtype)]
    results = [wrap(each.astype(x.dtype, copy=False)) for each in made]
    message = "the derivative for 'geqrf' is not implemented. Use linalg.qr"
    refuse_backward("GeqrfBackward0", message, results, (input,), NotImplementedError)
    return Raw(results)


@typed("input", "tau")
def linalg_householder_product(input: Any, tau: Any) -> Any:
    """The first columns of H_1 H_2 ... H_k: Q of a QR factorisation, from what `geqrf` returns.

    input: (m, n) with m >= n; tau: k numbers, at most n. Derivatives: with G the cotangent of
    H_i X, that of tau_i is -(v'G)(v'X)' and that of v is -tau (G (v'X)' + X (v'G)'). Raises
    RuntimeError for sizes that do not fit.
    """
    name = "torch.linalg.householder_product"
    need_tensor("linalg_householder_product", input)
    need_tensor("linalg_householder_product", tau, "tau", 2)
    a, t = input.array, tau.array
    if a.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if a.shape[-2] < a.shape[-1]:
        raise RuntimeError(
            f"{name}: input.shape[-2] must be greater than or equal to input.shape[-1]"
        )
    if t.ndim and a.shape[-1] < t.shape[-1]:
        raise RuntimeError(
            f"{name}: input.shape[-1] must be greater than or equal to tau.shape[-1]"
        )
    need_batches(name, input, tau=tau)
    if a.dtype != t.dtype:
        raise RuntimeError(
            f"{name}: tau dtype {type_name(t.dtype)} does not match input dtype "
            f"{type_name(a.dtype)}"
        )
    need_lapack("orgqr_cpu", a)
    return _product(input, tau)


def orgqr(input: Any, tau: Any) -> Any:
    """`linalg.householder_product` by its old name."""
    return linalg_householder_product(input, tau)


def need_batches(name: str, input: Any, **others: Any) -> None:
    """Raise unless there is one of the others for each matrix of ``input``."""
    shape = input.array.shape
    for argument, other in others.items():
        ndim = other.array.ndim
        missing = 1 if argument == "tau" else 0
        if ndim != len(shape) - missing:
            less = "one dimension less than" if missing else "the same number of dimensions as"
            raise RuntimeError(
                f"{name}: Expected {argument} to have {less} input, but got {argument}.ndim equal "
                f"to {ndim} and input.ndim is equal to {len(shape)}"
            )
    for argument, other in others.items():
        batch = other.array.shape[: len(shape) - 2]
        if batch != shape[:-2]:
            raise RuntimeError(
                f"{name}: Expected batch dimensions of {argument} to be equal to "
                f"input.shape[:-2], but got {list(batch)}"
            )


@typed("input", "tau", "other")
def ormqr(input: Any, tau: Any, other: Any, left: bool = True, transpose: bool = False) -> Any:
    """Q ``other``, or Q' other where ``transpose``; or other Q, or other Q', without ``left``.

    Q is the whole (m, m) product of the reflections that `geqrf` returns. Derivatives: as those of
    `linalg.householder_product`; ``other`` has Q' g. Raises RuntimeError for sizes that do not fit.
    """
    name = "torch.ormqr"
    need_tensor("ormqr", input)
    a, t, x = input.array, tau.array, other.array
    if a.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if x.ndim < 2:
        raise RuntimeError(f"{name}: other must have at least 2 dimensions.")
    side = -2 if left else -1
    if x.shape[side] != a.shape[-2]:
        raise RuntimeError(f"{name}: other.shape[{side}] must be equal to input.shape[-2]")
    if not t.ndim or t.shape[-1] != min(x.shape[side], a.shape[-1]):
        raise RuntimeError(
            f"{name}: tau.shape[-1] must be equal to min(other.shape[{side}], input.shape[-1])"
        )
    need_batches(name, input, tau=tau, other=other)
    for argument, each in (("tau", t), ("other", x)):
        if each.dtype != a.dtype:
            raise RuntimeError(
                f"{name}: Expected input and {argument} to have the same dtype, but input has dtype"
                f"{type_name(a.dtype)} and {argument} has dtype {type_name(each.dtype)}"
            )
    need_lapack("ormqr_cpu", a)
    return _ormqr(input, tau, other, left, transpose)
