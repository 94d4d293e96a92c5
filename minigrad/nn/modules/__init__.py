"""The layers, gathered from the files of this package; each lists its names in ``__all__``."""

from typing import TYPE_CHECKING

from minigrad.module_names import name_modules
from minigrad.nn.modules import (
    activation,
    adaptive,
    attention,
    batchnorm,
    cells,
    container,
    conv,
    distance,
    dropout,
    flatten,
    fractional_pooling,
    lazy,
    linear,
    loss,
    module,
    normalization,
    padding,
    parallel,
    parameter_container,
    pooling,
    rnn,
    rnn_base,
    shaping,
    sparse,
    transformer,
    transformer_layers,
    utils,
)
from minigrad.nn.modules.activation import *
from minigrad.nn.modules.adaptive import *
from minigrad.nn.modules.attention import *
from minigrad.nn.modules.batchnorm import *
from minigrad.nn.modules.cells import *
from minigrad.nn.modules.container import *
from minigrad.nn.modules.conv import *
from minigrad.nn.modules.distance import *
from minigrad.nn.modules.dropout import *
from minigrad.nn.modules.flatten import *
from minigrad.nn.modules.fractional_pooling import *
from minigrad.nn.modules.lazy import *
from minigrad.nn.modules.linear import *
from minigrad.nn.modules.loss import *
from minigrad.nn.modules.module import *
from minigrad.nn.modules.normalization import *
from minigrad.nn.modules.padding import *
from minigrad.nn.modules.parallel import *
from minigrad.nn.modules.parameter_container import *
from minigrad.nn.modules.pooling import *
from minigrad.nn.modules.rnn import *
from minigrad.nn.modules.rnn_base import *
from minigrad.nn.modules.shaping import *
from minigrad.nn.modules.sparse import *
from minigrad.nn.modules.transformer import *
from minigrad.nn.modules.transformer_layers import *

if not TYPE_CHECKING:  # a type checker goes by the imports
    __all__ = [
        *activation.__all__,
        *adaptive.__all__,
        *attention.__all__,
        *batchnorm.__all__,
        *cells.__all__,
        *container.__all__,
        *conv.__all__,
        *distance.__all__,
        *dropout.__all__,
        *flatten.__all__,
        *fractional_pooling.__all__,
        *lazy.__all__,
        *linear.__all__,
        *loss.__all__,
        *module.__all__,
        *normalization.__all__,
        *padding.__all__,
        *parallel.__all__,
        *parameter_container.__all__,
        *pooling.__all__,
        *rnn.__all__,
        *rnn_base.__all__,
        *shaping.__all__,
        *sparse.__all__,
        *transformer.__all__,
        *transformer_layers.__all__,
    ]

name_modules(
    __name__,
    {"batchnorm": "instancenorm", "shaping": "channelshuffle fold pixelshuffle upsampling"},
)
