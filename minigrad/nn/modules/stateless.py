"""Modules without parameters: a function of nn.functional, with its settings kept.

    class LeakyReLU(Stateless, function="leaky_relu", shown="negative_slope={negative_slope}"):
        negative_slope: float = 1e-2
        inplace: bool = False

    layer = LeakyReLU(0.2)
    layer(x)        # functional.leaky_relu(x, negative_slope=0.2, inplace=False)

The annotated names are the parameters of the constructor, the attributes of the module, and what
the function is called with.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar, dataclass_transform

from minigrad.nn import functional
from minigrad.nn.modules.module import Module


@dataclass_transform()
class Stateless(Module):
    """The base of such modules.

    function:     the name in nn.functional.
    shown:        what is printed in the brackets; "inplace=True" is added where it is true.
    keyword_only: whether the settings cannot be given by position.
    """

    function: ClassVar[str]
    shown: ClassVar[str]
    passed: ClassVar[tuple[str, ...]]

    def __init_subclass__(
        cls, function: str = "", shown: str = "", keyword_only: bool = False, **others: Any
    ) -> None:
        super().__init_subclass__(**others)
        if not function:
            return  # a user's subclass, which makes its own constructor if it wants another
        cls.function, cls.shown = function, shown
        kind = inspect.Parameter.KEYWORD_ONLY if keyword_only else TAKEN
        settings = []
        for name, annotation in inspect.get_annotations(cls).items():
            default = cls.__dict__.get(name, inspect.Parameter.empty)
            if name in cls.__dict__:
                delattr(cls, name)  # it is the instance that has it
            settings.append(inspect.Parameter(name, kind, default=default, annotation=annotation))
        cls.passed = tuple([each.name for each in settings])
        if "__init__" not in cls.__dict__:
            cls.__init__ = constructor(cls, settings)  # type: ignore[method-assign]

    def __post_init__(self) -> None:
        """Check the settings."""

    def forward(self, *inputs: Any, **named: Any) -> Any:
        settings = {name: getattr(self, name) for name in self.passed}
        return getattr(functional, self.function)(*inputs, **named, **settings)

    def extra_repr(self) -> str:
        text = self.shown.format_map(self.__dict__)
        if self.__dict__.get("inplace") and "inplace" not in text:
            text += ", inplace=True" if text else "inplace=True"
        return text


TAKEN = inspect.Parameter.POSITIONAL_OR_KEYWORD


def constructor(cls: type[Stateless], settings: list[inspect.Parameter]) -> Callable[..., None]:
    """An ``__init__`` that takes the settings and keeps them as attributes."""
    signature = inspect.Signature(settings)

    def __init__(self: Stateless, *args: Any, **kwargs: Any) -> None:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{cls.__name__}.__init__() {error}") from None
        bound.apply_defaults()
        Module.__init__(self)
        for name, value in bound.arguments.items():
            setattr(self, name, value)
        self.__post_init__()

    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    own = inspect.Parameter("self", TAKEN)
    if any(each.kind is not TAKEN for each in settings):
        own = own.replace(kind=inspect.Parameter.POSITIONAL_ONLY)
    __init__.__signature__ = signature.replace(parameters=[own, *settings])  # type: ignore[attr-defined]
    return __init__
