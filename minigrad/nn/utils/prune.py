"""Pruning: parameters of a module set to zero by a mask, and kept so while it is trained.

A pruned parameter ``weight`` is registered as ``weight_orig``, its mask as the buffer
``weight_mask``, and a hook sets the attribute ``weight`` to their product before each call.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from typing import Any

from minigrad.nn.modules.module import Module
from minigrad.ops.joining import cat
from minigrad.ops.norms import norm
from minigrad.random import rand, rand_like

__all__ = [
    "BasePruningMethod",
    "CustomFromMask",
    "Identity",
    "L1Unstructured",
    "LnStructured",
    "PruningContainer",
    "RandomStructured",
    "RandomUnstructured",
    "custom_from_mask",
    "global_unstructured",
    "identity",
    "is_pruned",
    "l1_unstructured",
    "ln_structured",
    "random_structured",
    "random_unstructured",
    "remove",
]


class BasePruningMethod:
    """A hook that masks a parameter. Subclasses say in `compute_mask` which elements stay."""

    PRUNING_TYPE = "unstructured"
    _tensor_name = ""

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self._tensor_name, self.apply_mask(module))

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask, 1 for what stays, of a tensor of importances and the mask so far."""
        raise NotImplementedError

    def apply_mask(self, module: Module) -> Any:
        """The parameter times its mask."""
        name = self._tensor_name
        if not name:
            raise AssertionError(f"Module {module} has to be pruned")
        original = getattr(module, name + "_orig")
        return getattr(module, name + "_mask").to(original.dtype) * original

    @classmethod
    def apply(
        cls, module: Module, name: str, *args: Any, importance_scores: Any = None, **settings: Any
    ) -> BasePruningMethod:
        """Prune ``module``'s parameter ``name``, once more if it is pruned already."""
        method: BasePruningMethod = cls(*args, **settings)
        method._tensor_name = name
        before = [key for key, hook in hooks_of(module) if hook._tensor_name == name]
        original = getattr(module, name)
        scores = original if importance_scores is None else importance_scores
        if scores.shape != original.shape:
            raise AssertionError(
                f"importance_scores should have the same shape as parameter {name} of {module}, "
                f"got {scores.shape} vs {original.shape}"
            )
        if before:
            old = module._forward_pre_hooks.pop(before[0])
            method = PruningContainer(old, method)
            mask = getattr(module, name + "_mask").detach().clone()
        else:
            module.register_parameter(name + "_orig", original)
            del module._parameters[name]
            mask = original.detach().new_ones(original.shape)
        try:
            mask = method.compute_mask(scores, mask)
            module.register_buffer(name + "_mask", mask)
            setattr(module, name, method.apply_mask(module))
            module.register_forward_pre_hook(method)
        except Exception:
            if not before:
                module.register_parameter(name, module._parameters.pop(name + "_orig"))
            raise
        return method

    def prune(self, t: Any, default_mask: Any = None, importance_scores: Any = None) -> Any:
        """A pruned copy of a tensor."""
        scores = t if importance_scores is None else importance_scores
        if scores.shape != t.shape:
            raise AssertionError("importance_scores should have the same shape as tensor t")
        mask = t.detach().new_ones(t.shape) if default_mask is None else default_mask
        return t * self.compute_mask(scores, mask)

    def remove(self, module: Module) -> None:
        """Make the masked values the parameter's own."""
        name = self._tensor_name
        weight = self.apply_mask(module)
        delattr(module, name)
        original: Any = module._parameters.pop(name + "_orig")
        original.data = weight.data
        del module._buffers[name + "_mask"]
        setattr(module, name, original)


def hooks_of(module: Module) -> list[tuple[Any, Any]]:
    """The keys and the pruning methods of a module's hooks."""
    hooks = module._forward_pre_hooks.items()
    return [(key, hook) for key, hook in hooks if isinstance(hook, BasePruningMethod)]


class PruningContainer(BasePruningMethod):
    """Pruning methods one after another, each for what the ones before have left."""

    def __init__(self, *methods: Any) -> None:
        self._pruning_methods: tuple[Any, ...] = ()
        if len(methods) == 1 and isinstance(methods[0], Iterable):
            (methods,) = methods
        for method in methods:
            self._tensor_name = self._tensor_name or method._tensor_name
            for each in method if isinstance(method, PruningContainer) else (method,):
                self.add_pruning_method(each)

    def add_pruning_method(self, method: Any) -> None:
        """Add a method for the same parameter."""
        if method is not None and not isinstance(method, BasePruningMethod):
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if method is not None and self._tensor_name != method._tensor_name:
            raise ValueError(
                "Can only add pruning methods acting on the parameter named "
                f"'{self._tensor_name}' to PruningContainer {self}. Found '{method._tensor_name}'"
            )
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Any:
        return iter(self._pruning_methods)

    def __getitem__(self, index: Any) -> Any:
        return self._pruning_methods[index]

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask that the last method makes of what is left."""
        method: Any = self._pruning_methods[-1]
        mask = default_mask.to(t.dtype)
        if method.PRUNING_TYPE == "unstructured":
            left: Any = mask == 1
        elif method.PRUNING_TYPE == "structured":
            dim = method.dim % t.dim()
            others = [d for d in range(t.dim()) if d != dim]
            left = (slice(None),) * dim + (mask.sum(dim=others) != 0,)
        elif method.PRUNING_TYPE == "global":
            left = (slice(None),) * t.dim()
        else:
            raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
        result = mask.clone()
        result[left] = method.compute_mask(t[left], default_mask=mask[left]).to(mask.dtype)
        return result


class Identity(BasePruningMethod):
    """Prunes nothing, but registers the parameter and a mask of ones."""

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask so far."""
        return default_mask


class Amount(BasePruningMethod):
    """A method that prunes a number of elements or slices, or a share of them."""

    def __init__(self, amount: Any) -> None:
        """``amount``: an int for a number, a float between 0 and 1 for a share."""
        if not isinstance(amount, numbers.Real):
            raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
        if float(amount) < 0 or (not isinstance(amount, numbers.Integral) and float(amount) > 1):
            raise ValueError(
                f"amount={amount} should either be a float in the range [0, 1] or a non-negative "
                "integer"
            )
        self.amount: Any = amount

    def count(self, size: int) -> int:
        """How many of ``size`` to prune."""
        if isinstance(self.amount, numbers.Integral):
            number = int(self.amount)
            if number > size:
                raise ValueError(
                    f"amount={self.amount} should be smaller than the number of parameters to "
                    f"prune={size}"
                )
            return number
        return round(float(self.amount) * size)

    def without(self, t: Any, default_mask: Any, scores: Any) -> Any:
        """The mask without the elements of the given scores: ``scores`` picks them."""
        mask = default_mask.clone()
        count = self.count(t.nelement())
        if count:
            mask.view(-1)[scores(count)] = 0
        return mask


class RandomUnstructured(Amount):
    """Prunes elements at random."""

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask without those of the largest of random numbers."""
        return self.without(
            t, default_mask, lambda count: rand_like(t).view(-1).topk(count).indices
        )


class L1Unstructured(Amount):
    """Prunes the elements of the smallest absolute values."""

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask without the smallest."""
        smallest = t.detach().abs().view(-1)
        return self.without(
            t, default_mask, lambda count: smallest.topk(count, largest=False).indices
        )


class Structured(Amount):
    """A method that prunes whole slices along a dimension."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: float, dim: int = -1) -> None:
        super().__init__(amount)
        self.dim = dim

    def slices(self, t: Any, count: int) -> Any:
        """Which slices stay when ``count`` go, a mask."""
        raise NotImplementedError

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask without some slices."""
        if t.dim() <= 1:
            raise ValueError(
                "Structured pruning can only be applied to multidimensional tensors. Found tensor "
                f"of shape {t.shape} with {t.dim()} dims"
            )
        if self.dim >= t.dim():
            raise IndexError(f"Invalid index {self.dim} for tensor of size {t.shape}")
        size = t.shape[self.dim]
        count = self.count(size)
        if not count:
            return default_mask
        shape = [1] * t.dim()
        shape[self.dim] = size
        return default_mask * self.slices(t, count).view(shape).to(default_mask.dtype)


class RandomStructured(Structured):
    """Prunes slices along a dimension at random."""

    def slices(self, t: Any, count: int) -> Any:
        """Those of the larger random numbers."""
        drawn = rand(t.shape[self.dim])
        return drawn > drawn.kthvalue(count).values


class LnStructured(Structured):
    """Prunes the slices along a dimension that have the smallest n-norms."""

    def __init__(self, amount: float, n: Any, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def slices(self, t: Any, count: int) -> Any:
        """Those of the larger norms."""
        dims = [d for d in range(t.dim()) if d != self.dim % t.dim()]
        norms = norm(t.detach(), self.n, dims)
        kept = norms.new_zeros(norms.shape)
        kept[norms.topk(norms.numel() - count).indices] = 1
        return kept


class CustomFromMask(BasePruningMethod):
    """Prunes by a mask that is given."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Any) -> None:
        self.mask = mask

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The product of both masks. Raises AssertionError unless they have the same shape."""
        if default_mask.shape != self.mask.shape:
            raise AssertionError(
                f"default_mask shape {default_mask.shape} must match self.mask shape "
                f"{self.mask.shape}"
            )
        return default_mask * self.mask.to(default_mask.dtype)


def identity(module: Module, name: str) -> Module:
    """Register a parameter as a pruned one, with a mask of ones."""
    Identity.apply(module, name)
    return module


def random_unstructured(module: Module, name: str, amount: float) -> Module:
    """Prune elements of a parameter at random: ``amount`` of them, or that share."""
    RandomUnstructured.apply(module, name, amount=amount)
    return module


def l1_unstructured(
    module: Module, name: str, amount: float, importance_scores: Any = None
) -> Module:
    """Prune the elements of the smallest absolute values, or scores."""
    L1Unstructured.apply(module, name, amount=amount, importance_scores=importance_scores)
    return module


def random_structured(module: Module, name: str, amount: float, dim: int) -> Module:
    """Prune slices along ``dim`` at random."""
    RandomStructured.apply(module, name, amount=amount, dim=dim)
    return module


def ln_structured(
    module: Module, name: str, amount: float, n: Any, dim: int, importance_scores: Any = None
) -> Module:
    """Prune the slices along ``dim`` with the smallest n-norms."""
    LnStructured.apply(
        module, name, amount=amount, n=n, dim=dim, importance_scores=importance_scores
    )
    return module


def custom_from_mask(module: Module, name: str, mask: Any) -> Module:
    """Prune by a mask."""
    CustomFromMask.apply(module, name, mask=mask)
    return module


def global_unstructured(
    parameters: Any, pruning_method: Any, importance_scores: Any = None, **settings: Any
) -> None:
    """Prune several parameters, pairs of a module and a name, as if they were one."""
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    pairs = list(parameters)
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    flat = cat([scores.get(p, getattr(*p)).detach().reshape(-1) for p in pairs])
    masks = cat([mask_of(*p).reshape(-1) for p in pairs])
    method = pruning_method(**settings)
    method._tensor_name = "temp"
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
            f"{pruning_method} of type {method.PRUNING_TYPE}"
        )
    container = PruningContainer()
    container._tensor_name = "temp"
    container.add_pruning_method(method)
    final, place = container.compute_mask(flat, masks), 0
    for module, name in pairs:
        parameter = getattr(module, name)
        size = parameter.numel()
        custom_from_mask(module, name, final[place : place + size].view_as(parameter))
        place += size


def mask_of(module: Module, name: str) -> Any:
    """The mask of a parameter, of ones if it is not pruned."""
    parameter = getattr(module, name).detach()
    return getattr(module, name + "_mask", parameter.new_ones(parameter.shape))


def remove(module: Module, name: str) -> Module:
    """Take the pruning away: the masked values become the parameter."""
    for key, hook in hooks_of(module):
        if hook._tensor_name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(
        f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed"
    )


def is_pruned(module: Module) -> bool:
    """Whether any parameter of the module, or of one in it, is pruned."""
    return any(hooks_of(part) for part in module.modules())
