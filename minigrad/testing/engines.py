"""The engines that an agreement test compares, each in a few lines, and how to add one's own.

A function to be tested is written once, for a namespace ``xp`` with numpy's names: it uses
``xp``'s functions, operators, basic indexing and ``.shape``. An `Engine` brings the namespace,
makes its tensors and differentiates. Your own is a subclass::

    class Mine(Engine):
        name = "mine"
        xp = my_library  # whatever has the functions that you use, by numpy's names

        def tensor(self, array, constant=False):
            return my_library.Tensor(array)

        def gradients(self, f, xs, again=False):
            y = f(*xs)
            return y, my_library.gradients(y, xs)

        def numpy(self, x):
            return x.data

    assert_gradients_agree(f, w, x, engines=["minigrad", "torch", Mine()])
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Engine", "Names", "NotApplicable", "TensorFlow", "TorchLike"]

Array = NDArray[Any]
Function = Callable[..., Any]


class NotApplicable(Exception):
    """An engine or an oracle says nothing here, and why."""


class Missing(NotApplicable, AttributeError):
    """A namespace lacks a name."""


class Engine:
    """What a comparison asks of an engine.

    name:        what it is called in the ledger.
    package:     what must be installed for it; nothing if empty.
    xp:          a namespace with numpy's names: what ``f`` gets as its first argument.
    approximate: whether its derivatives are found from values, in float64.
    """

    name = ""
    package = ""
    xp: Any = None
    approximate = False

    @property
    def installed(self) -> bool:
        return not self.package or importlib.util.find_spec(self.package) is not None

    def tensor(self, array: Array, constant: bool = False) -> Any:
        """The engine's tensor of an array; a ``constant`` is never differentiated."""
        raise NotImplementedError

    def gradients(
        self, f: Function, xs: Sequence[Any], again: bool = False
    ) -> tuple[Any, Sequence[Any]]:
        """``f(*xs)``, which is a scalar, and its gradients, in tensors; ``again`` says that what
        is returned will itself be differentiated."""
        raise NotImplementedError

    def second(self, f: Function, xs: Sequence[Any], weights: Sequence[Any]) -> Sequence[Any]:
        """The gradients of ``sum(weights * gradients of f)``."""

        def weighted(*xs: Any) -> Any:
            first = self.gradients(f, xs, again=True)[1]
            terms = [self.xp.sum(g * w) for g, w in zip(first, weights, strict=True)]
            return sum(terms[1:], terms[0])

        return self.gradients(weighted, xs)[1]

    def numpy(self, x: Any) -> Array:
        return np.asarray(x)


class Names:
    """A namespace with numpy's names over a library that has others.

    ``names`` says what stands for a name: another one, dotted perhaps, or a function. A name that
    is not there is refused, since it might mean something else. ``words`` renames arguments.
    """

    def __init__(self, library: Any, names: dict[str, Any], **words: str) -> None:
        self._library, self._names, self._words = library, names, words

    def __getattr__(self, name: str) -> Any:
        found = self._names.get(name)
        if found is None:
            raise Missing(f"xp.{name} is not among the names of {self._library.__name__} here")
        if isinstance(found, str):
            path, found = found, self._library
            for part in path.split("."):
                found = getattr(found, part)
        words = self._words

        def call(*args: Any, **kwargs: Any) -> Any:
            return found(*args, **{words.get(key, key): value for key, value in kwargs.items()})

        return call


# numpy's names that mean the same in torch.
SAME = """
    abs absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh broadcast_to ceil cos cosh
    cumprod cumsum diag diagonal divide einsum exp exp2 expm1 floor full_like hypot isnan kron log
    log10 log1p log2 logaddexp matmul maximum mean minimum multiply ones_like outer prod reciprocal
    reshape roll sign sin sinc sinh sqrt square squeeze stack subtract sum tan tanh trace tril triu
    where zeros_like
"""


def like(x: Any, other: Any) -> Any:
    """A number as a tensor of the other's dtype, where numpy takes numbers and torch does not."""
    return x if hasattr(x, "shape") else other.new_full((), x)


class TorchLike(Engine):
    """A library with torch's names: minigrad, torch itself, or yours."""

    NAMES: ClassVar[dict[str, Any]] = {
        **{name: name for name in SAME.split()},
        "clip": "clamp",
        "concatenate": "cat",
        "expand_dims": "unsqueeze",
        "max": "amax",
        "maximum": lambda a, b: like(a, b).maximum(like(b, a)),
        "min": "amin",
        "minimum": lambda a, b: like(a, b).minimum(like(b, a)),
        "negative": "neg",
        "power": "pow",
        "swapaxes": "transpose",
        "transpose": lambda x, axes=None: x.permute(axes or tuple(range(len(x.shape)))[::-1]),
    }

    def __init__(self, name: str, library: Any = None) -> None:
        self.name, self._library = name, library
        self.package = "" if library is not None else name

    @property
    def library(self) -> Any:
        if self._library is None:
            self._library = importlib.import_module(self.package)
        return self._library

    @property
    def xp(self) -> Any:
        return Names(self.library, self.NAMES, axis="dim", keepdims="keepdim")

    def tensor(self, array: Array, constant: bool = False) -> Any:
        floats = array.dtype.kind == "f"
        return self.library.tensor(array, requires_grad=floats and not constant)

    def gradients(
        self, f: Function, xs: Sequence[Any], again: bool = False
    ) -> tuple[Any, Sequence[Any]]:
        y = f(*xs)
        if not y.requires_grad:
            return y, [self.library.zeros_like(x) for x in xs]
        grad = self.library.autograd.grad
        return y, grad(y, xs, create_graph=again, allow_unused=True, materialize_grads=True)

    def numpy(self, x: Any) -> Array:
        # A copy first: for some gradients torch ends the process without (2.13.0).
        return np.asarray(x.detach().clone().numpy(force=True))


TENSORFLOW_SAME = """
    broadcast_to einsum expand_dims ones_like reshape squeeze stack transpose where zeros_like
"""
TENSORFLOW_MATH = """
    abs add ceil cos cosh cumprod cumsum divide exp expm1 floor log log1p maximum minimum multiply
    negative reciprocal sign sin sinh sqrt square subtract tan tanh
"""
TENSORFLOW_NUMPY = "diag diagonal kron matmul outer swapaxes trace tril triu"


class TensorFlow(Engine):
    """TensorFlow's gradient tape; with ``graph``, inside a static graph.

    It does not mix dtypes, and indexes by numbers and slices alone: NotApplicable, for such an f.
    """

    package = "tensorflow"

    NAMES: ClassVar[dict[str, Any]] = {
        **{name: name for name in TENSORFLOW_SAME.split()},
        **{name: f"math.{name}" for name in TENSORFLOW_MATH.split()},
        **{name: f"math.a{name[3:]}" for name in ("arccos", "arcsin", "arctan", "arctanh")},
        **{name: f"reduce_{name}" for name in ("max", "mean", "min", "prod", "sum")},
        **{name: f"experimental.numpy.{name}" for name in TENSORFLOW_NUMPY.split()},
        "absolute": "abs",
        "clip": "clip_by_value",
        "concatenate": "concat",
        "power": "pow",
    }

    def __init__(self, graph: bool = False) -> None:
        self.name = "tensorflow graph" if graph else "tensorflow"
        self.graph = graph

    @property
    def library(self) -> Any:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # it greets whoever imports it
        return importlib.import_module("tensorflow")

    @property
    def xp(self) -> Any:
        return Names(self.library, self.NAMES, axes="perm")

    def tensor(self, array: Array, constant: bool = False) -> Any:
        return self.library.constant(array)

    def gradients(
        self, f: Function, xs: Sequence[Any], again: bool = False
    ) -> tuple[Any, Sequence[Any]]:
        tf = self.library

        def run(*xs: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(xs)
                y = f(*xs)
            found = tape.gradient(y, xs, unconnected_gradients=tf.UnconnectedGradients.ZERO)
            return y, [tf.convert_to_tensor(g) for g in found]  # which may be sparse

        call = tf.function(run, autograph=False) if self.graph else run
        try:
            done: tuple[Any, Sequence[Any]] = call(*xs)
        except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
            said = " ".join(re.sub(r"{{.*?}}", "", str(error)).split())[:70]
            raise NotApplicable(f"TensorFlow refuses it: {said}") from error
        return done

    def numpy(self, x: Any) -> Array:
        return np.asarray(x.numpy())
