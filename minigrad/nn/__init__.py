"""Layers, models and what they are built with."""

from typing import TYPE_CHECKING

from minigrad.nn import _reduction as _reduction
from minigrad.nn import attention, common_types, functional, grad, init, modules, parameter, utils
from minigrad.nn.modules import *
from minigrad.nn.modules import parallel
from minigrad.nn.parameter import *

if not TYPE_CHECKING:  # a type checker goes by the imports
    __all__ = [
        "attention",
        "common_types",
        "functional",
        "grad",
        "init",
        "modules",
        "parallel",
        "parameter",
        "utils",
        *modules.__all__,
        *parameter.__all__,
    ]
