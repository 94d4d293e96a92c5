"""The exponential of a matrix, by a rational approximation.

Nicholas Higham, The scaling and squaring method for the matrix exponential revisited (2005).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array
from minigrad.ops.arguments import need_tensor, numpys_names
from minigrad.ops.products import swapped
from minigrad.ops.solving import need_matrix

__all__ = ["matrix_exp"]

# The numerator of the approximant of degree 13, from the constant on; the denominator is that of
# -A. It is exact to float64's eps for matrices of 1-norm up to LIMIT.
COEFFICIENTS = [
    64764752532480000.0,
    32382376266240000.0,
    7771770303897600.0,
    1187353796428800.0,
    129060195264000.0,
    10559470521600.0,
    670442572800.0,
    33522128640.0,
    1323241920.0,
    40840800.0,
    960960.0,
    16380.0,
    182.0,
    1.0,
]
LIMIT = 5.371920351148152


def _exponential(A: Array) -> Array:
    A64 = A.astype(np.float64)
    norm = np.abs(A64).sum(-2).max(-1, initial=0)
    halvings = np.zeros(norm.shape, int)
    large = np.isfinite(norm) & (norm > LIMIT)
    halvings[large] = np.ceil(np.log2(norm[large] / LIMIT))
    scaled = A64 / np.exp2(halvings)[..., None, None]
    square = np.matmul(scaled, scaled)
    power = np.broadcast_to(np.eye(A.shape[-1]), A.shape)
    even, odd = COEFFICIENTS[0] * power, COEFFICIENTS[1] * power
    for k in range(2, len(COEFFICIENTS), 2):
        power = np.matmul(power, square)
        even = even + COEFFICIENTS[k] * power
        odd = odd + COEFFICIENTS[k + 1] * power
    odd = np.matmul(scaled, odd)
    result = np.linalg.solve(even - odd, even + odd)
    for i in range(halvings.max(initial=0)):
        more = (i < halvings)[..., None, None]
        result = np.where(more, np.matmul(result, result), result)
    return result.astype(A.dtype)


def _slope(g: Any, A: Any) -> Any:
    # exp([[A', g], [0, A']]) has the derivative of exp at A', towards g, in its upper right corner.
    n, A_t = A.shape[-1], swapped(A)
    upper = np.concatenate([A_t, g], -1)
    lower = np.concatenate([np.zeros_like(g), A_t], -1)
    return _matrix_exp(np.concatenate([upper, lower], -2))[..., :n, n:]


_matrix_exp: Operator = primitive(
    "LinalgMatrixExpBackward0", _exponential, A=lambda g, A: _slope(g, A)
)


@numpys_names
def linalg_matrix_exp(A: Any) -> Any:
    """I + A + A @ A / 2 + ..., the exponential of square matrices.

    Derivative: that of exp at A' in the direction g, a block of the exponential of
    [[A', g], [0, A']]. Raises RuntimeError for matrices that are not square or of ints.
    """
    need_matrix("linalg_matrix_exp", A, square=True)
    return _matrix_exp(A)


def matrix_exp(input: Any) -> Any:
    """`linalg.matrix_exp` by its old name."""
    need_tensor("matrix_exp", input)
    return linalg_matrix_exp(input)
