"""Weights of a given norm: worked out anew, from the parameters that are learnt, before each call.

Weight norm (Salimans and Kingma, 2016) learns the length and the direction of a weight; spectral
norm (Miyato et al., 2018) divides it by its largest singular value, so that the layer stretches no
input.
"""

from __future__ import annotations

import warnings
from typing import Any

from minigrad.autograd.modes import no_grad
from minigrad.nn import functional as F
from minigrad.nn.parameter import Parameter, Uninitialized
from minigrad.ops.linalg import dot, mv
from minigrad.ops.norms import vector_norm

__all__ = ["remove_spectral_norm", "remove_weight_norm", "spectral_norm", "weight_norm"]


class Reparametrization:
    """A hook that sets the attribute ``name`` of a module before each call."""

    what: str

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.weight(module, module.training))

    def weight(self, module: Any, training: bool) -> Any:
        raise NotImplementedError

    def attach(self, module: Any) -> Any:
        """Check that the parameter is there and free, and return it."""
        for hook in module._forward_pre_hooks.values():
            if type(hook) is type(self) and hook.name == self.name:
                raise RuntimeError(
                    f"Cannot register two {self.what} hooks on the same parameter {self.name}"
                )
        weight = getattr(module, self.name)
        if weight is None:
            raise ValueError(
                f"`{type(self).__name__}` cannot be applied as parameter `{self.name}` is None"
            )
        if isinstance(weight, Uninitialized):
            raise ValueError(
                f"The module passed to `{type(self).__name__}` can't have uninitialized "
                "parameters. Call it with a first input before."
            )
        return weight

    def remove(self, module: Any, parts: tuple[str, ...]) -> None:
        """Make the weight as it is now a parameter again."""
        with no_grad():
            weight = self.weight(module, False)
        for part in ("", *parts):
            delattr(module, self.name + part)
        setattr(module, self.name, Parameter(weight.detach()))


def slice_norms(v: Any, dim: int | None) -> Any:
    """The norm of each slice along ``dim``, or of all."""
    dims = None if dim is None else [i for i in range(v.dim()) if i != dim % v.dim()]
    return vector_norm(v, 2, dims, dim is not None)


class WeightNorm(Reparametrization):
    what = "weight_norm"

    def __init__(self, name: str, dim: int | None) -> None:
        super().__init__(name)
        self.dim = dim

    def weight(self, module: Any, training: bool) -> Any:
        g, v = getattr(module, self.name + "_g"), getattr(module, self.name + "_v")
        return v * (g / slice_norms(v, self.dim))


class SpectralNorm(Reparametrization):
    what = "spectral_norm"

    def __init__(self, name: str, n_power_iterations: int, eps: float, dim: int) -> None:
        super().__init__(name)
        if n_power_iterations <= 0:
            raise ValueError(
                "Expected n_power_iterations to be positive, but got "
                f"n_power_iterations={n_power_iterations}"
            )
        self.n_power_iterations, self.eps, self.dim = n_power_iterations, eps, dim

    def matrix(self, weight: Any) -> Any:
        """The weight with ``dim`` first and all other dimensions as one."""
        if self.dim != 0:
            others = [i for i in range(weight.dim()) if i != self.dim]
            weight = weight.permute(self.dim, *others)
        return weight.reshape(weight.shape[0], -1)

    def unit(self, x: Any) -> Any:
        return F.normalize(x, dim=0, eps=self.eps)

    def weight(self, module: Any, training: bool) -> Any:
        parts = [getattr(module, self.name + part) for part in ("_orig", "_u", "_v")]
        weight, u, v = parts
        matrix = self.matrix(weight)
        if training:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    v.copy_(self.unit(mv(matrix.t(), u)))
                    u.copy_(self.unit(mv(matrix, v)))
                # Another call before backward changes the buffers.
                u, v = u.clone(), v.clone()
        return weight / dot(u, mv(matrix, v))


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Make the parameter ``name`` the product of a length ``name_g`` and a direction ``name_v``.

    dim: along which each slice has a length of its own; None for one length in all.
    """
    warnings.warn(
        "`torch.nn.utils.weight_norm` is deprecated in favor of "
        "`torch.nn.utils.parametrizations.weight_norm`.",
        FutureWarning,
        stacklevel=2,
    )
    hook = WeightNorm(name, None if dim == -1 else dim)
    weight = hook.attach(module)
    del module._parameters[name]
    module.register_parameter(name + "_g", Parameter(slice_norms(weight.detach(), hook.dim)))
    module.register_parameter(name + "_v", Parameter(weight.detach()))
    setattr(module, name, hook.weight(module, False))
    module.register_forward_pre_hook(hook)
    return module


def spectral_norm(
    module: Any,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Any:
    """Divide the parameter ``name`` by its largest singular value before each call.

    That is found by power iteration, ``n_power_iterations`` at each call in training.
    """
    if dim is None:
        dim = 1 if getattr(module, "transposed", False) else 0
    hook = SpectralNorm(name, n_power_iterations, eps, dim)
    weight = hook.attach(module)
    with no_grad():
        vectors = [
            hook.unit(weight.new_empty(size).normal_(0, 1)) for size in hook.matrix(weight).shape
        ]
    delattr(module, name)
    module.register_parameter(name + "_orig", weight)
    setattr(module, name, weight.data)
    for part, vector in zip(("_u", "_v"), vectors, strict=True):
        module.register_buffer(name + part, vector)
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Make the weight as it is now a parameter again."""
    return remove(module, name, WeightNorm, ("_g", "_v"))


def remove_spectral_norm(module: Any, name: str = "weight") -> Any:
    """Make the weight as it is now a parameter again."""
    return remove(module, name, SpectralNorm, ("_orig", "_u", "_v"))


def remove(module: Any, name: str, kind: type[Reparametrization], parts: tuple[str, ...]) -> Any:
    for key, hook in list(module._forward_pre_hooks.items()):
        if isinstance(hook, kind) and hook.name == name:
            hook.remove(module, parts)
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"{kind.what} of '{name}' not found in {module}")
