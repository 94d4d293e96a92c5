"""Parametrizations that are often wanted; see parametrize.py."""

from __future__ import annotations

import functools
from typing import Any

from minigrad.autograd.modes import no_grad
from minigrad.autograd.value import Value
from minigrad.nn.functional import normalize
from minigrad.nn.modules.module import Module
from minigrad.nn.utils.norms import slice_norms
from minigrad.nn.utils.orthogonal import orthogonal
from minigrad.nn.utils.parametrize import register_parametrization
from minigrad.ops.linalg import mv
from minigrad.ops.products import vdot

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]


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
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)
    module._register_load_state_dict_pre_hook(functools.partial(from_old_names, name))
    return module


def from_old_names(name: str, state_dict: Any, prefix: str, *others: Any) -> None:
    """Take what `nn.utils.weight_norm` has saved, under the names of here."""
    old = [f"{prefix}{name}_{part}" for part in "gv"]
    if all(key in state_dict for key in old):
        for i, key in enumerate(old):
            state_dict[f"{prefix}parametrizations.{name}.original{i}"] = state_dict.pop(key)


class _SpectralNorm(Module):
    """A matrix divided by its largest singular value, which power iteration finds."""

    def __init__(self, weight: Any, n_power_iterations: int, dim: int, eps: float) -> None:
        super().__init__()
        ndim = weight.dim()
        if not -ndim <= dim < ndim:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [-{ndim}, {ndim - 1}] but got "
                f"{dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                "Expected n_power_iterations to be positive, but got "
                f"n_power_iterations={n_power_iterations}"
            )
        self.dim = dim % ndim
        self.eps = eps
        if ndim > 1:
            self.n_power_iterations = n_power_iterations
            matrix = self._matrix(weight)
            for name, size in zip(("_u", "_v"), matrix.shape, strict=True):
                self.register_buffer(name, self._unit(matrix.new_empty(size).normal_(0, 1)))
            self._iterate(matrix, 15)

    def _matrix(self, weight: Any) -> Any:
        if weight.dim() > 1 and self.dim:
            others = [d for d in range(weight.dim()) if d != self.dim]
            weight = weight.permute(self.dim, *others)
        return weight.flatten(1)

    def _unit(self, x: Any) -> Any:
        return normalize(x, dim=0, eps=self.eps)

    def _iterate(self, matrix: Any, times: int) -> None:
        with no_grad():
            for _ in range(times):
                self._u.copy_(self._unit(mv(matrix, self._v)))
                self._v.copy_(self._unit(mv(matrix.T, self._u)))

    def forward(self, weight: Any) -> Any:
        if weight.dim() == 1:
            return self._unit(weight)
        matrix = self._matrix(weight)
        if self.training:
            self._iterate(matrix, self.n_power_iterations)
        # Copies: another call before backward changes the buffers.
        u, v = self._u.clone(), self._v.clone()
        return weight / vdot(u, mv(matrix, v))

    def right_inverse(self, value: Any) -> Any:
        return value


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide a parameter by its largest singular value, as a matrix of ``dim`` and the rest.

    Each call in training improves the vectors that give it by ``n_power_iterations``.
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Value):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if dim is None:
        dim = 1 if getattr(module, "transposed", False) else 0
    made = _SpectralNorm(weight, n_power_iterations, dim, eps)
    return register_parametrization(module, name, made)
