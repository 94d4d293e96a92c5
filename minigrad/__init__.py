"""minigrad: what torch's autograd does, over numpy, small enough to read.

Every public function is named in the ``__all__`` of the module that defines it. Packages that not
every program needs are imported when they are first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from minigrad import (
    accelerator,
    autograd,
    backends,
    constants,
    creation,
    cuda,
    devices,
    dtypes,
    from_data,
    functions,
    legacy,
    linalg,
    options,
    random,
    return_types,
    settings,
    typeinfo,
    version,
    windows,
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
from minigrad.legacy import *
from minigrad.options import *
from minigrad.printing import set_printoptions as set_printoptions
from minigrad.random import *
from minigrad.settings import *
from minigrad.size import Size as Size
from minigrad.tensor import Tensor as Tensor
from minigrad.typeinfo import *
from minigrad.windows import *

__version__ = "0.1.0"

# Names that are found when they are first asked for, by the module to import.
LATER = {
    **{
        name: f"minigrad.{name}"
        for name in (
            "amp",
            "distributions",
            "func",
            "jit",
            "nn",
            "optim",
            "profiler",
            "special",
            "testing",
            "utils",
        )
    },
    **dict.fromkeys(("save", "load"), "minigrad.serialization"),
    **dict.fromkeys(("GradScaler", "autocast"), "minigrad.amp"),
    **dict.fromkeys(
        ("is_anomaly_check_nan_enabled", "is_anomaly_enabled", "set_anomaly_enabled"),
        "minigrad.autograd.anomaly_mode",
    ),
    "vmap": "minigrad.func",
    "adaptive_max_pool1d": "minigrad.shared_functions",
    # What torch has in nn.functional and here.
    **dict.fromkeys(
        (
            "adaptive_avg_pool1d",
            "avg_pool1d",
            "bilinear",
            "celu",
            "celu_",
            "conv1d",
            "conv2d",
            "conv3d",
            "conv_transpose1d",
            "conv_transpose2d",
            "conv_transpose3d",
            "cosine_similarity",
            "group_norm",
            "hardshrink",
            "layer_norm",
            "max_pool1d",
            "max_pool1d_with_indices",
            "max_pool2d",
            "max_pool3d",
            "pairwise_distance",
            "pdist",
            "prelu",
            "relu_",
            "rms_norm",
            "rrelu",
            "rrelu_",
            "selu",
            "selu_",
            "threshold",
            "threshold_",
        ),
        "minigrad.nn.functional",
    ),
}

if TYPE_CHECKING:  # a type checker goes by the imports
    from minigrad import amp as amp
    from minigrad import distributions as distributions
    from minigrad import func as func
    from minigrad import jit as jit
    from minigrad import nn as nn
    from minigrad import optim as optim
    from minigrad import profiler as profiler
    from minigrad import special as special
    from minigrad import utils as utils
    from minigrad.amp import *
    from minigrad.autograd.anomaly_mode import (
        is_anomaly_check_nan_enabled as is_anomaly_check_nan_enabled,
    )
    from minigrad.autograd.anomaly_mode import is_anomaly_enabled as is_anomaly_enabled
    from minigrad.autograd.anomaly_mode import set_anomaly_enabled as set_anomaly_enabled
    from minigrad.func import vmap as vmap
    from minigrad.serialization import *
    from minigrad.shared_functions import *
else:
    __all__ = [
        "Size",
        "Tensor",
        "accelerator",
        "autograd",
        "backends",
        "cuda",
        "enable_grad",
        "inference_mode",
        "is_grad_enabled",
        "is_inference",
        "is_inference_mode_enabled",
        "linalg",
        "no_grad",
        "random",
        "return_types",
        "set_grad_enabled",
        "set_printoptions",
        "version",
        *LATER,
        *constants.__all__,
        *creation.__all__,
        *devices.__all__,
        *dtypes.__all__,
        *from_data.__all__,
        *functions.__all__,
        *legacy.__all__,
        *options.__all__,
        *random.__all__,
        *settings.__all__,
        *typeinfo.__all__,
        *windows.__all__,
    ]

    def __getattr__(name: str) -> Any:
        if name not in LATER:
            raise AttributeError(f"module 'minigrad' has no attribute '{name}'")
        module = importlib.import_module(LATER[name])
        thing = module if module.__name__ == f"minigrad.{name}" else getattr(module, name)
        globals()[name] = thing
        return thing

    def __dir__() -> list[str]:
        return sorted({*globals(), *LATER})
