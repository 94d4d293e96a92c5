"""minigrad: what torch's autograd does, over numpy, small enough to read.

Every public function is named in the ``__all__`` of the module that defines it. What not
every program needs is imported when it is first used (later.py).
"""

import importlib
from typing import TYPE_CHECKING, Any

import minigrad.tensor  # the module, whose place the function takes below
from minigrad import (
    autograd,
    constants,
    creation,
    devices,
    dtypes,
    from_data,
    functions,
    options,
    settings,
)
from minigrad.autograd import enable_grad as enable_grad
from minigrad.autograd import inference_mode as inference_mode
from minigrad.autograd import is_grad_enabled as is_grad_enabled
from minigrad.autograd import is_inference as is_inference
from minigrad.autograd import is_inference_mode_enabled as is_inference_mode_enabled
from minigrad.autograd import no_grad as no_grad
from minigrad.autograd import set_grad_enabled as set_grad_enabled
from minigrad.constants import *
from minigrad.creation import *
from minigrad.devices import *
from minigrad.dtypes import *
from minigrad.from_data import *
from minigrad.functions import *
from minigrad.later import LATER
from minigrad.memory import keep_freed_memory
from minigrad.options import *
from minigrad.outputs import takes_out
from minigrad.settings import *
from minigrad.settings import _assert as _assert
from minigrad.size import Size as Size
from minigrad.tensor import Tensor as Tensor

__version__ = "0.1.0"

if TYPE_CHECKING:  # a type checker goes by the imports
    from minigrad import accelerator as accelerator
    from minigrad import amp as amp
    from minigrad import backends as backends
    from minigrad import compiler as compiler
    from minigrad import cuda as cuda
    from minigrad import distributed as distributed
    from minigrad import distributions as distributions
    from minigrad import fft as fft
    from minigrad import func as func
    from minigrad import functional as functional
    from minigrad import futures as futures
    from minigrad import fx as fx
    from minigrad import hub as hub
    from minigrad import jit as jit
    from minigrad import library as library
    from minigrad import linalg as linalg
    from minigrad import multiprocessing as multiprocessing
    from minigrad import nn as nn
    from minigrad import optim as optim
    from minigrad import profiler as profiler
    from minigrad import random as random
    from minigrad import return_types as return_types
    from minigrad import signal as signal
    from minigrad import special as special
    from minigrad import types as types
    from minigrad import utils as utils
    from minigrad import version as version
    from minigrad.amp import *
    from minigrad.autograd.anomaly_mode import (
        is_anomaly_check_nan_enabled as is_anomaly_check_nan_enabled,
    )
    from minigrad.autograd.anomaly_mode import is_anomaly_enabled as is_anomaly_enabled
    from minigrad.autograd.anomaly_mode import set_anomaly_enabled as set_anomaly_enabled
    from minigrad.func import vmap as vmap
    from minigrad.legacy import *
    from minigrad.printing import set_printoptions as set_printoptions
    from minigrad.random import *
    from minigrad.serialization import *
    from minigrad.shared_functions import *
    from minigrad.typeinfo import *
    from minigrad.windows import *
else:
    __all__ = [
        "Size",
        "Tensor",
        "autograd",
        "enable_grad",
        "inference_mode",
        "is_grad_enabled",
        "is_inference",
        "is_inference_mode_enabled",
        "no_grad",
        "set_grad_enabled",
        *LATER,
        *constants.__all__,
        *creation.__all__,
        *devices.__all__,
        *dtypes.__all__,
        *from_data.__all__,
        *functions.__all__,
        *options.__all__,
        *settings.__all__,
    ]

    keep_freed_memory()
    for name in (*creation.__all__, *functions.__all__):
        globals()[name] = takes_out(name, globals()[name])
    del name

    def __getattr__(name: str) -> Any:
        if name.startswith("_foreach_"):
            made = importlib.import_module("minigrad.foreach").foreach(name)
            globals()[name] = made
            return made
        if name not in LATER:
            raise AttributeError(f"module 'minigrad' has no attribute '{name}'")
        module = importlib.import_module(LATER[name])
        thing = module if module.__name__ == f"minigrad.{name}" else getattr(module, name)
        thing = takes_out(name, thing)
        globals()[name] = thing
        return thing

    def __dir__() -> list[str]:
        return sorted({*globals(), *LATER})
