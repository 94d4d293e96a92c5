"""Linear algebra under ``minigrad.linalg``, as torch has it under ``torch.linalg``."""

from typing import TYPE_CHECKING

from minigrad.ops.checked import linalg_cholesky_ex as cholesky_ex
from minigrad.ops.checked import linalg_inv_ex as inv_ex
from minigrad.ops.checked import linalg_solve_ex as solve_ex
from minigrad.ops.checked import linalg_tensorinv as tensorinv
from minigrad.ops.checked import linalg_tensorsolve as tensorsolve
from minigrad.ops.conditioning import linalg_cond as cond
from minigrad.ops.conditioning import linalg_matrix_rank as matrix_rank
from minigrad.ops.decompositions import linalg_cholesky as cholesky
from minigrad.ops.decompositions import linalg_eigh as eigh
from minigrad.ops.decompositions import linalg_eigvalsh as eigvalsh
from minigrad.ops.decompositions import linalg_qr as qr
from minigrad.ops.decompositions import linalg_svd as svd
from minigrad.ops.decompositions import linalg_svdvals as svdvals
from minigrad.ops.diagonals import linalg_diagonal as diagonal
from minigrad.ops.householder import linalg_householder_product as householder_product
from minigrad.ops.least_squares import linalg_lstsq as lstsq
from minigrad.ops.linalg import matmul
from minigrad.ops.lu import linalg_lu as lu
from minigrad.ops.lu import linalg_lu_factor as lu_factor
from minigrad.ops.lu import linalg_lu_factor_ex as lu_factor_ex
from minigrad.ops.lu import linalg_lu_solve as lu_solve
from minigrad.ops.matrix_exponential import linalg_matrix_exp as matrix_exp
from minigrad.ops.norms import linalg_norm as norm
from minigrad.ops.norms import matrix_norm, vector_norm
from minigrad.ops.products import linalg_cross as cross
from minigrad.ops.products import linalg_vecdot as vecdot
from minigrad.ops.products import multi_dot
from minigrad.ops.rarer import linalg_vander as vander
from minigrad.ops.solving import LinAlgError
from minigrad.ops.solving import linalg_det as det
from minigrad.ops.solving import linalg_inv as inv
from minigrad.ops.solving import linalg_matrix_power as matrix_power
from minigrad.ops.solving import linalg_pinv as pinv
from minigrad.ops.solving import linalg_slogdet as slogdet
from minigrad.ops.solving import linalg_solve as solve
from minigrad.ops.solving import linalg_solve_triangular as solve_triangular
from minigrad.outputs import takes_out

__all__ = [
    "LinAlgError",
    "cholesky",
    "cholesky_ex",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "householder_product",
    "inv",
    "inv_ex",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_factor_ex",
    "lu_solve",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_ex",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensorinv",
    "tensorsolve",
    "vander",
    "vecdot",
    "vector_norm",
]

if not TYPE_CHECKING:
    for name in __all__:
        globals()[name] = takes_out(f"linalg.{name}", globals()[name])
    del name
