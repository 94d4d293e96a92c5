"""Layers, models and what they are built with."""

from minigrad.nn import functional, init, modules, parameter, utils
from minigrad.nn.modules import *
from minigrad.nn.modules import parallel
from minigrad.nn.parameter import *

__all__ = ["functional", "init", "modules", "parallel", "parameter", "utils"]
__all__ += modules.__all__
__all__ += parameter.__all__
