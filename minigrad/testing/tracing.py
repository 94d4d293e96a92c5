"""A function's operations, written down while it runs: to run them again one by one, or noisily.

`Recorder` stands in for the namespace ``xp`` and `Traced` for its tensors. Every operation is done
by the engine as it would be anyway, and becomes a `Step`, which any engine can repeat.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from minigrad.testing.engines import Array, Engine

__all__ = ["Ref", "Step", "record", "replay", "with_noise"]

NUDGE = 2.0**-26  # the relative size of the noise
SUMS = {"sum", "mean", "matmul", "@", "einsum", "dot", "cumsum", "trace", "outer", "tensordot"}
# Their derivative is worked out from the result, which is nearly 1: 1 - y * y.
SATURATING = {"tanh"}

BINARY = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "**", "matmul": "@", "mod": "%",
    "gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!=", "and": "&", "or": "|",
}  # fmt: skip


class Ref(NamedTuple):
    """In a step's arguments: the result of a step, or, where negative, of leaf ``-1 - number``."""

    number: int


class Step(NamedTuple):
    """One operation.

    get:   finds it in a namespace.
    args:  its arguments, with a `Ref` in the place of every tensor.
    text:  how it reads; where: the file and line of the call.
    """

    get: Callable[[Any], Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    text: str
    where: str


class Recorder:
    """A namespace that notes what is called."""

    def __init__(self, engine: Engine, names: Sequence[str], noise: Any = None) -> None:
        self._engine, self._leaves, self._noise = engine, list(names), noise
        self._steps: list[Step] = []
        self._values: list[Any] = []
        self._kinds: tuple[type, ...] = ()
        self._used: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        return self._named(name, lambda xp: getattr(xp, name))

    def _named(self, name: str, get: Callable[[Any], Any]) -> Any:
        found = get(self._engine.xp)
        if isinstance(found, ModuleType):  # such as linalg

            class Inside:
                def __getattr__(_, part: str) -> Any:
                    return self._named(f"{name}.{part}", lambda xp: getattr(get(xp), part))

            return Inside()
        if not callable(found):
            return found
        return lambda *args, **kwargs: self._run(get, args, kwargs, f"xp.{name}")

    def _run(self, get: Any, args: Any, kwargs: Any, name: str) -> Any:
        native = [mapped(x, Traced, self._operand) for x in (args, kwargs)]
        noisy = self._noise is not None
        if noisy and name.removeprefix("xp.") in SUMS:  # the terms of a sum round one by one
            native[0] = mapped(native[0], self._kinds, self._nudged)
        out = get(self._engine.xp)(*native[0], **native[1])
        several = isinstance(out, tuple | list)
        parts = list(out) if several else [out]
        if noisy:
            parts = [self._nudged(x) for x in parts]
        if noisy and name.removeprefix("xp.") in SATURATING:
            parts = [x + self._tilted(native[0][0], curved=True) for x in parts]
        refs = [mapped(x, Traced, lambda x: Ref(x._index)) for x in (args, kwargs)]
        text = self._text(name, args, kwargs)
        made = []
        for i, part in enumerate(parts):
            if not is_tensor(part, self._kinds):
                made.append(part)
                continue
            pick = (lambda xp, i=i: lambda *a, **k: get(xp)(*a, **k)[i]) if several else get
            self._steps.append(
                Step(pick, refs[0], refs[1], text + (f"[{i}]" if several else ""), caller())
            )
            self._values.append(part)
            made.append(Traced(self, part, len(self._steps) - 1))
        return type(out)(made) if several else made[0]

    def _text(self, name: str, args: Any, kwargs: Any) -> str:
        shown = [show(x, self._name) for x in args]
        shown += [f"{key}={show(x, self._name)}" for key, x in kwargs.items()]
        if name in BINARY.values():
            return f"{shown[0]} {name} {shown[1]}"
        if name == "[]":
            return f"{shown[0]}[{shown[1].strip('()')}]"
        if name.startswith("."):
            return f"{shown[0]}{name}" + ("" if name == ".T" else f"({', '.join(shown[1:])})")
        return f"-{shown[0]}" if name == "-x" else f"{name}({', '.join(shown)})"

    def _name(self, index: int) -> str:
        return f"v{index}" if index >= 0 else self._leaves[-1 - index]

    def _nudged(self, x: Any) -> Any:
        """A tensor of floats changed a little, each element by another factor."""
        dtype = str(getattr(x, "dtype", ""))
        if "float" not in dtype and "complex" not in dtype:
            return x
        return x * self._engine.tensor(np.asarray(1 + self._sizes(x)), constant=True)

    def _operand(self, x: Traced) -> Any:
        """Its value. From the second use on the gradient is a sum, of which each term rounds."""
        value, again = x._value, x._index in self._used
        self._used.add(x._index)
        floats = "float" in str(getattr(value, "dtype", ""))
        return value + self._tilted(value) if self._noise and again and floats else value

    def _tilted(self, x: Any, curved: bool = False) -> Any:
        """Zeros that depend on x: first derivatives of some noise alone, or second ones, too."""
        try:
            now = self._engine.numpy(x)
        except AttributeError:  # a symbol, of a graph that is not run yet
            return 0
        if not curved and not np.isfinite(now).all():
            return 0
        step = x - self._engine.tensor(now, constant=True)
        tilt = step + step * step if curved else step
        return tilt * self._engine.tensor(2 * self._sizes(x), constant=True)

    def _sizes(self, x: Any) -> Array:
        shape = tuple(x.shape)
        # Of no fixed size, or the noise of two terms would often cancel.
        size = self._noise.uniform(0.5, 1, shape) * self._noise.choice((-1.0, 1.0), shape)
        return np.asarray(NUDGE * size)


class Traced:
    """A tensor whose operations are noted."""

    __array_ufunc__ = None  # numpy leaves its operators to this class

    def __init__(self, recorder: Recorder, value: Any, index: int) -> None:
        self._recorder, self._value, self._index = recorder, value, index

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._value, name)
        kinds = self._recorder._kinds
        run = self._recorder._run
        if is_tensor(found, kinds):  # such as .T
            return run(lambda xp: lambda x: getattr(x, name), (self,), {}, f".{name}")
        if callable(found) and not isinstance(found, type):
            return lambda *args, **kwargs: run(
                lambda xp: lambda x, *a, **k: getattr(x, name)(*a, **k),
                (self, *args),
                kwargs,
                f".{name}",
            )
        return found

    def __getitem__(self, key: Any) -> Any:
        return self._recorder._run(lambda xp: operator.getitem, (self, key), {}, "[]")

    def __neg__(self) -> Any:
        return self._recorder._run(lambda xp: operator.neg, (self,), {}, "-x")

    def __abs__(self) -> Any:
        return self._recorder._run(lambda xp: abs, (self,), {}, "abs")

    def __len__(self) -> int:
        return len(self._value)

    __hash__ = None  # type: ignore[assignment]


def _operators() -> None:
    for name, sign in BINARY.items():
        function = getattr(operator, name if name not in ("and", "or") else f"{name}_")

        def forward(self: Any, other: Any, f: Any = function, sign: str = sign) -> Any:
            return self._recorder._run(lambda xp: f, (self, other), {}, sign)

        def backward(self: Any, other: Any, f: Any = function, sign: str = sign) -> Any:
            return self._recorder._run(lambda xp: f, (other, self), {}, sign)

        setattr(Traced, f"__{name}__", forward)
        if sign not in (">", ">=", "<", "<=", "==", "!="):
            setattr(Traced, f"__r{name}__", backward)


_operators()


def is_tensor(x: Any, kinds: tuple[type, ...]) -> bool:
    return isinstance(x, kinds) or (hasattr(x, "shape") and hasattr(x, "dtype"))


def mapped(x: Any, kinds: Any, change: Callable[[Any], Any]) -> Any:
    """A structure of lists, tuples, slices and dictionaries, with what is of ``kinds`` changed."""
    if kinds and isinstance(x, kinds):
        return change(x)
    if isinstance(x, list | tuple) and not isinstance(x, Ref):
        return type(x)([mapped(y, kinds, change) for y in x])
    if isinstance(x, slice):
        return slice(*[mapped(y, kinds, change) for y in (x.start, x.stop, x.step)])
    if isinstance(x, dict):
        return {key: mapped(y, kinds, change) for key, y in x.items()}
    return x


def show(x: Any, name: Callable[[int], str]) -> str:
    if isinstance(x, Traced):
        return name(x._index)
    if isinstance(x, list):
        return f"[{', '.join(show(y, name) for y in x)}]"
    if isinstance(x, tuple):
        return f"({', '.join(show(y, name) for y in x)})"
    if isinstance(x, slice):
        ends = [show(y, name) if y is not None else "" for y in (x.start, x.stop)]
        return ":".join(ends) + ("" if x.step is None else f":{show(x.step, name)}")
    return "..." if x is ... else repr(x)


def caller() -> str:
    """The file and line of the call that is being noted: the first outside this package."""
    frame: Any = sys._getframe(1)
    while frame is not None and Path(frame.f_code.co_filename).parent == Path(__file__).parent:
        frame = frame.f_back
    if frame is None:
        return ""
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


def started(engine: Engine, names: Sequence[str], xs: Sequence[Any], noise: Any) -> Any:
    recorder = Recorder(engine, names, noise)
    recorder._kinds = tuple({type(x) for x in xs})
    return recorder, [Traced(recorder, x, -1 - i) for i, x in enumerate(xs)]


def record(
    engine: Engine, f: Callable[..., Any], xs: Sequence[Any], names: Sequence[str]
) -> tuple[list[Step], list[Any]]:
    """The steps of ``f(xp, *xs)`` and their results."""
    recorder, traced = started(engine, names, xs, None)
    f(recorder, *traced)
    return recorder._steps, recorder._values


def replay(steps: Sequence[Step], xp: Any, xs: Sequence[Any]) -> list[Any]:
    """The results of the steps in some engine's namespace."""
    values: list[Any] = []

    def look(ref: Any) -> Any:
        return values[ref.number] if ref.number >= 0 else xs[-1 - ref.number]

    for step in steps:
        values.append(step.get(xp)(*mapped(step.args, Ref, look), **mapped(step.kwargs, Ref, look)))
    return values


def with_noise(engine: Engine, f: Callable[..., Any], seed: int) -> Callable[..., Any]:
    """The function that rounds coarsely: each operation's result is off by up to `NUDGE`."""

    def noisy(xp: Any, *xs: Any) -> Any:
        recorder, traced = started(engine, [""] * len(xs), xs, np.random.RandomState(seed))
        out = f(recorder, *traced)
        return mapped(out, Traced, lambda x: x._value)

    return noisy
