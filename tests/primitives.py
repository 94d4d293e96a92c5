"""Every primitive of minigrad, found in its modules, and for each the inputs it is tested with."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy as np

import minigrad
import minigrad.ops
from minigrad.autograd.primitive import Primitive
from tests.samples import SAMPLES


def modules() -> Iterator[Any]:
    for found in pkgutil.iter_modules(minigrad.ops.__path__, "minigrad.ops."):
        yield importlib.import_module(found.name)
    yield importlib.import_module("minigrad.autograd.views")


def find() -> dict[str, Callable[..., Any]]:
    """The primitives by the module that declares them and their name there."""
    found: dict[int, tuple[str, Callable[..., Any]]] = {}
    for module in modules():
        for name, function in vars(module).items():
            declared = getattr(function, "primitive", None)
            if isinstance(declared, Primitive) and written_in(declared) in (None, module.__name__):
                full = f"{module.__name__.rpartition('.')[2]}.{name}"
                found.setdefault(id(declared), (full, function))
    return dict(found.values())


def written_in(declared: Primitive) -> str | None:
    """The module of a primitive's rules: others may have imported it from there."""
    written = [declared.joint, *declared.rules.values(), declared.forward]
    return next((f.__module__ for f in written if isinstance(f, FunctionType)), None)


PRIMITIVES = find()


@dataclass(frozen=True)
class Case:
    """One primitive with one of its sample inputs."""

    name: str
    number: int

    @property
    def apply(self) -> Callable[..., Any]:
        return PRIMITIVES[self.name]

    @property
    def args(self) -> tuple[Any, ...]:
        return SAMPLES[self.name][self.number]

    @property
    def differentiable(self) -> list[int]:
        """The positions of the operands that get a gradient."""
        declared = self.apply.primitive
        has_rule = [bool(declared.rules.get(param)) for param in declared.params]

        def differentiable(i: int) -> bool:
            return declared.joint is not None or (i < len(has_rule) and has_rule[i])

        return [i for i, x in enumerate(self.args) if is_float(x) and differentiable(i)]

    def __str__(self) -> str:
        return f"{self.name}-{self.number}"


def is_float(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


CASES = [Case(name, i) for name, samples in SAMPLES.items() for i in range(len(samples))]
