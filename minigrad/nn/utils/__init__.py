"""What is done to parameters and gradients besides: clip, pack, make one vector of, normalise."""

from typing import TYPE_CHECKING

from minigrad.nn.utils import (
    clip_grad,
    convert_parameters,
    fusion,
    init,
    norms,
    parametrizations,
    parametrize,
    prune,
    rnn,
    stateless,
)
from minigrad.nn.utils.clip_grad import *
from minigrad.nn.utils.convert_parameters import *
from minigrad.nn.utils.fusion import *
from minigrad.nn.utils.init import *
from minigrad.nn.utils.norms import *

if not TYPE_CHECKING:  # a type checker goes by the imports
    __all__ = [
        "parametrizations",
        "parametrize",
        "prune",
        "rnn",
        "stateless",
        *clip_grad.__all__,
        *convert_parameters.__all__,
        *fusion.__all__,
        *init.__all__,
        *norms.__all__,
    ]
