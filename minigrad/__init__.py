"""minigrad: what torch's autograd does, over numpy, small enough to read.

Every public function is named in the ``__all__`` of the module that defines it.
"""

from minigrad import autograd, creation, dtypes, func, functions, utils
from minigrad.autograd import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from minigrad.autograd.anomaly_mode import (
    is_anomaly_check_nan_enabled,
    is_anomaly_enabled,
    set_anomaly_enabled,
)
from minigrad.creation import *
from minigrad.dtypes import *
from minigrad.func import vmap
from minigrad.functions import *
from minigrad.printing import set_printoptions
from minigrad.size import Size
from minigrad.tensor import Tensor

__version__ = "0.1.0"

__all__ = [
    "Size",
    "Tensor",
    "autograd",
    "enable_grad",
    "func",
    "inference_mode",
    "is_anomaly_check_nan_enabled",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "is_inference",
    "is_inference_mode_enabled",
    "no_grad",
    "set_anomaly_enabled",
    "set_grad_enabled",
    "set_printoptions",
    "utils",
    "vmap",
]
__all__ += creation.__all__
__all__ += dtypes.__all__
__all__ += functions.__all__
