"""The modes, where torch has them."""

from minigrad.autograd.inference import inference_mode
from minigrad.autograd.modes import enable_grad, no_grad, set_grad_enabled

__all__ = ["enable_grad", "inference_mode", "no_grad", "set_grad_enabled"]
