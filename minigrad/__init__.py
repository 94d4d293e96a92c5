"""minigrad: what torch's autograd does, over numpy, small enough to read.

Every public function is named in the ``__all__`` of the module that defines it.
"""

from minigrad import (
    accelerator,
    autograd,
    backends,
    constants,
    creation,
    cuda,
    devices,
    distributions,
    dtypes,
    from_data,
    func,
    functions,
    legacy,
    linalg,
    nn,
    optim,
    options,
    random,
    return_types,
    serialization,
    settings,
    shared_functions,
    special,
    typeinfo,
    utils,
    version,
)
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
from minigrad.constants import *
from minigrad.creation import *
from minigrad.devices import *
from minigrad.dtypes import *
from minigrad.from_data import *
from minigrad.func import vmap
from minigrad.functions import *
from minigrad.legacy import *
from minigrad.options import *
from minigrad.printing import set_printoptions
from minigrad.random import *
from minigrad.serialization import *
from minigrad.settings import *
from minigrad.shared_functions import *
from minigrad.size import Size
from minigrad.tensor import Tensor
from minigrad.typeinfo import *

__version__ = "0.1.0"

__all__ = [
    "Size",
    "Tensor",
    "accelerator",
    "autograd",
    "backends",
    "cuda",
    "distributions",
    "enable_grad",
    "func",
    "inference_mode",
    "is_anomaly_check_nan_enabled",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "is_inference",
    "is_inference_mode_enabled",
    "linalg",
    "nn",
    "no_grad",
    "optim",
    "random",
    "return_types",
    "set_anomaly_enabled",
    "set_grad_enabled",
    "set_printoptions",
    "special",
    "utils",
    "version",
    "vmap",
]
__all__ += constants.__all__
__all__ += creation.__all__
__all__ += devices.__all__
__all__ += dtypes.__all__
__all__ += from_data.__all__
__all__ += functions.__all__
__all__ += legacy.__all__
__all__ += options.__all__
__all__ += random.__all__
__all__ += settings.__all__
__all__ += typeinfo.__all__
__all__ += serialization.__all__
__all__ += shared_functions.__all__
