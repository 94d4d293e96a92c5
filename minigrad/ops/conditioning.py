"""How near a matrix is to a singular one: its condition number and its rank."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.value import wrap
from minigrad.errors import type_name
from minigrad.ops.arguments import need_tensor, numpys_names, typed
from minigrad.ops.bounds import nan_to_num
from minigrad.ops.choice import where
from minigrad.ops.decompositions import linalg_svdvals
from minigrad.ops.norms import linalg_norm
from minigrad.ops.shape import squeeze
from minigrad.ops.solving import (
    converging,
    linalg_inv,
    need_matrix,
    regular,
    singular,
    singular_values,
    tolerances,
)


@numpys_names
def linalg_cond(A: Any, p: Any = None) -> Any:
    """The norm of A times the norm of its inverse: infinite for a singular matrix.

    p: None and 2 take the largest singular value over the smallest, which any matrix has, and -2
    its reciprocal; "fro", "nuc", inf, -inf, 1 and -1 are norms as of `linalg.matrix_norm`, of a
    square matrix. Composed, and so are the derivatives.
    """
    need_tensor("linalg_cond", A, "A")
    if A.array.ndim < 2:
        raise RuntimeError("linalg.cond: The input tensor must have at least 2 dimensions.")
    if p not in (None, 2, -2, 1, -1, math.inf, -math.inf, "fro", "nuc"):
        raise RuntimeError(
            f"linalg.cond got an invalid norm type: {p}. The types are None, 2, -2, 1, -1, inf, "
            "-inf, 'fro' and 'nuc'"
        )
    shape = A.array.shape
    if not A.array.size:
        return wrap(np.zeros(shape[:-2], A.array.dtype))
    if p in (None, 2, -2):
        need_matrix("linalg_svd", A)
        values = linalg_svdvals(A)
        largest, smallest = values[..., :1], values[..., -1:]
        return squeeze(smallest / largest if p == -2 else largest / smallest, -1)
    if shape[-1] != shape[-2]:
        raise RuntimeError(
            f"linalg.cond(ord={p}): A must be batches of square matrices, but they are "
            f"{shape[-2]} by {shape[-1]} matrices"
        )
    need_matrix("linalg_inv", A)
    dim, bad = (-2, -1), singular(A.array)
    of_inverse = linalg_norm(linalg_inv(regular(A, bad)), p, dim)
    if bad.any():
        of_inverse = where(wrap(bad), math.inf, of_inverse)
    product = linalg_norm(A, p, dim) * of_inverse
    return product if p == "nuc" else nan_to_num(product, math.inf, math.inf, -math.inf)


@numpys_names
@typed("A")
def linalg_matrix_rank(
    A: Any, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Any:
    """How many singular values of a matrix exceed max(atol, rtol * the largest), int64.

    rtol: by default the dtype's eps times the larger size, or 0 where atol, or ``tol``, is given.
    The tolerances may be tensors, one for each matrix. ``hermitian`` takes the absolute values of
    the eigenvalues, of the lower triangle.
    """
    need_tensor("linalg_matrix_rank", A, "A")
    array = A.array
    if array.ndim < 2:
        raise RuntimeError(
            "torch.linalg.matrix_rank: The input tensor input must have at least 2 dimensions."
        )
    if array.dtype.kind != "f" or array.dtype.itemsize == 2:
        raise RuntimeError(
            "This function doesn't handle types other than float and double: the matrix is of "
            f"{type_name(array.dtype)}"
        )
    if not array.size:
        return wrap(np.zeros(array.shape[:-2], np.int64))
    if atol is None and tol is not None:  # whose other tolerance is none
        atol, rtol = tol, 0.0 if rtol is None else rtol
    absolute, relative = tolerances("linalg_matrix_rank", array, atol, rtol)
    if hermitian:
        need_matrix("linalg_eigh", A, square=True)
        with converging(array, "linalg.eigh"):
            values = np.abs(np.linalg.eigvalsh(array))
    else:
        values = singular_values(array)
    with np.errstate(all="ignore"):
        bound = np.maximum(absolute, relative * values.max(-1))
    return wrap(np.asarray((values > bound[..., None]).sum(-1)))
