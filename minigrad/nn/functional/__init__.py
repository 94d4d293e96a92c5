"""The functions of networks: ``minigrad.nn.functional``, gathered from the files of this package.

Each of those files lists its functions in its ``__all__``.
"""

from typing import TYPE_CHECKING

from minigrad.nn.functional import (
    activations,
    adaptive_pooling,
    attention,
    bags,
    classification,
    convolution,
    ctc,
    distances,
    embeddings,
    fractional_pooling,
    grids,
    linear_maps,
    losses,
    multi_head,
    normalization,
    padding,
    pooling,
    resizing,
    softmaxes,
    stochastic,
    windows,
)
from minigrad.nn.functional.activations import *
from minigrad.nn.functional.adaptive_pooling import *
from minigrad.nn.functional.attention import *
from minigrad.nn.functional.bags import *
from minigrad.nn.functional.classification import *
from minigrad.nn.functional.convolution import *
from minigrad.nn.functional.ctc import *
from minigrad.nn.functional.distances import *
from minigrad.nn.functional.embeddings import *
from minigrad.nn.functional.fractional_pooling import *
from minigrad.nn.functional.grids import *
from minigrad.nn.functional.linear_maps import *
from minigrad.nn.functional.losses import *
from minigrad.nn.functional.multi_head import *
from minigrad.nn.functional.normalization import *
from minigrad.nn.functional.padding import *
from minigrad.nn.functional.pooling import *
from minigrad.nn.functional.resizing import *
from minigrad.nn.functional.softmaxes import *
from minigrad.nn.functional.stochastic import *
from minigrad.nn.functional.windows import *

if not TYPE_CHECKING:  # a type checker goes by the imports
    __all__ = [
        *activations.__all__,
        *adaptive_pooling.__all__,
        *attention.__all__,
        *bags.__all__,
        *classification.__all__,
        *convolution.__all__,
        *ctc.__all__,
        *distances.__all__,
        *embeddings.__all__,
        *fractional_pooling.__all__,
        *grids.__all__,
        *linear_maps.__all__,
        *losses.__all__,
        *multi_head.__all__,
        *normalization.__all__,
        *padding.__all__,
        *pooling.__all__,
        *resizing.__all__,
        *softmaxes.__all__,
        *stochastic.__all__,
        *windows.__all__,
    ]
