"""``minigrad.special``: special functions, under the names that torch.special has for them."""

from minigrad.ops.elementwise import exp2, expm1, log1p, logit, xlogy
from minigrad.ops.elementwise import sigmoid as expit
from minigrad.ops.rounding import round
from minigrad.ops.softmax import log_softmax, logsumexp, softmax
from minigrad.ops.special import digamma, erf, erfc, erfinv, polygamma
from minigrad.ops.special import digamma as psi
from minigrad.ops.special import lgamma as gammaln
from minigrad.ops.trigonometry import sinc

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gammaln",
    "log1p",
    "log_softmax",
    "logit",
    "logsumexp",
    "polygamma",
    "psi",
    "round",
    "sinc",
    "softmax",
    "xlogy",
]
