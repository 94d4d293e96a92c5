"""Parametrizations that are often wanted; see parametrize.py."""

from __future__ import annotations

from typing import Any

from minigrad.nn.modules.module import Module
from minigrad.nn.utils.norms import slice_norms
from minigrad.nn.utils.parametrize import register_parametrization

__all__ = ["weight_norm"]


class _WeightNorm(Module):
    """``v * g / norm(v)``, of a length g and a direction v."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = None if dim == -1 else dim

    def forward(self, weight_g: Any, weight_v: Any) -> Any:
        return weight_v * (weight_g / slice_norms(weight_v, self.dim))

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        return slice_norms(weight, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Make a parameter the product of a length, ``original0``, and a direction, ``original1``.

    dim: along which each slice has a length of its own; None for one length in all.
    """
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)
