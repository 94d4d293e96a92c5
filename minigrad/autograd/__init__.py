"""How gradients flow. To read it, begin with value, primitive, node and backward."""

import importlib
from typing import TYPE_CHECKING, Any

from minigrad.autograd import graph
from minigrad.autograd.api import backward, grad
from minigrad.autograd.gradcheck import gradcheck, gradgradcheck
from minigrad.autograd.inference import (
    inference_mode,
    is_inference,
    is_inference_mode_enabled,
)
from minigrad.autograd.modes import (
    enable_grad,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
    set_multithreading_enabled,
)
from minigrad.autograd.variable import Variable

if TYPE_CHECKING:  # a type checker goes by the imports
    from minigrad.autograd import forward_ad, functional
    from minigrad.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
    from minigrad.autograd.function import Function

__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "forward_ad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_grad_enabled",
    "is_inference",
    "is_inference_mode_enabled",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
    "set_multithreading_enabled",
]

# Names that are found when they are first asked for, by the module to import.
LATER = {
    **{
        name: f"minigrad.autograd.{name}"
        for name in (
            "anomaly_mode",
            "forward_ad",
            "function",
            "functional",
            "grad_mode",
            "profiler",
        )
    },
    "Function": "minigrad.autograd.function",
    **dict.fromkeys(("detect_anomaly", "set_detect_anomaly"), "minigrad.autograd.anomaly_mode"),
}


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module 'minigrad.autograd' has no attribute '{name}'")
    module = importlib.import_module(LATER[name])
    return module if module.__name__.endswith(f".{name}") else getattr(module, name)
