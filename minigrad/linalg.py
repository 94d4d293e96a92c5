"""Linear algebra under ``minigrad.linalg``, as torch has it under ``torch.linalg``."""

from minigrad.ops.conditioning import linalg_cond as cond
from minigrad.ops.conditioning import linalg_matrix_rank as matrix_rank
from minigrad.ops.decompositions import linalg_cholesky as cholesky
from minigrad.ops.decompositions import linalg_eigh as eigh
from minigrad.ops.decompositions import linalg_eigvalsh as eigvalsh
from minigrad.ops.decompositions import linalg_qr as qr
from minigrad.ops.decompositions import linalg_svd as svd
from minigrad.ops.decompositions import linalg_svdvals as svdvals
from minigrad.ops.least_squares import linalg_lstsq as lstsq
from minigrad.ops.linalg import matmul
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

__all__ = [
    "LinAlgError",
    "cholesky",
    "cond",
    "cross",
    "det",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
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
    "solve_triangular",
    "svd",
    "svdvals",
    "vander",
    "vecdot",
    "vector_norm",
]
