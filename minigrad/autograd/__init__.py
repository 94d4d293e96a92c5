"""How gradients flow. To read it, begin with value, primitive, node and backward."""

from minigrad.autograd.api import backward, grad
from minigrad.autograd.modes import (
    enable_grad,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
)

__all__ = [
    "backward",
    "enable_grad",
    "grad",
    "is_grad_enabled",
    "no_grad",
    "set_grad_enabled",
]
