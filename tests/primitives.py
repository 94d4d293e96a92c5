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
from minigrad.autograd.views import Region
from tests.judge import data

WHOLE = slice(None)


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


def ints(*values: Any) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def positive(*shape: int, seed: int = 0) -> np.ndarray:
    return data(*shape, low=0.5, high=2.0, seed=seed)


def pairs(make: Any = data, second: Any = None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Operands that broadcast, either of them or both, 0-d and size 1 and empty among them."""
    shapes = [((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2,)), ((2,), ()), ((), ())]
    shapes += [((1,), (2, 3)), ((0,), (1,)), ((2, 0), (2, 1))]
    return [(make(*a), (second or make)(*b, seed=1)) for a, b in shapes]


def singles(make: Any = data) -> list[tuple[np.ndarray]]:
    return [(make(*shape),) for shape in [(3,), (2, 3), (), (1,), (0,)]]


def regions(first: Any) -> list[tuple[np.ndarray, Region]]:
    """A row, a column, steps, all of a transposed base, one element and nothing of a base."""
    base = data(3, 4)
    turned = data(4, 3).T
    made = [
        (base, part) for part in (base[1], base[:, 2], base[::2, 1:], base[0, 0, ...], base[3:])
    ]
    made.append((turned, turned[1:, ::3]))
    return [first(b, Region(b, part)) for b, part in made]


TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])

# Smooth points of every primitive, so that differences approximate the derivative there. float64
# arrays in the place of operands are differentiated, the rest are settings.
SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "arithmetic.add": pairs(),
    "arithmetic.twice": [(data(3),), (data(),), (data(2, 3),)],
    "arithmetic.sub": pairs(),
    "powers.rsub": [(data(3), 2.5), (data(), -1.0)],
    "powers.rsub_tensor": pairs(),
    "arithmetic.neg": singles(),
    "arithmetic.mul": [*pairs(), (data(2, 3), 2.5), (-1.5, data(3))],
    "arithmetic.div": [*pairs(data, positive), (data(2, 3), 2.5), (-1.5, positive(3))],
    "powers.reciprocal": singles(positive),
    "arithmetic.pow_number": [
        (x, n)
        for x in (positive(3), positive(2, 3), positive())
        for n in (0, 1, 2, 3, 0.5, -0.5, -1, -2, 2.5, 7)
    ]
    + [(-positive(3), n) for n in (0, 1, 2, 3, -1, 5)],
    "powers.pow_tensor": pairs(positive, data),
    "powers.pow_base": [(data(3), 2.5), (data(), 0.5), (data(2), 1.0)],
    "arithmetic.expand": [(data(3), (2, 3)), (data(2, 1), (2, 3)), (data(), (2,)), (data(), ())],
    "arithmetic.sum_all": singles(),
    "arithmetic.sum_dims": [
        (data(*shape), dims, keepdim)
        for shape, dims in [
            ((2, 3), (0,)),
            ((2, 3), (1,)),
            ((2, 3), (0, 1)),
            ((2, 3, 4), (0, 2)),
            ((0, 3), (0,)),
            ((), ()),
        ]
        for keepdim in (False, True)
    ],
    "arithmetic.mm": [
        (data(2, 3), data(3, 4, seed=1)),
        (data(2, 0), data(0, 3)),
        (data(3, 1).T.T, data(1, 2)),
    ],
    "elementwise._exp": singles(),
    "elementwise._log": singles(positive),
    "elementwise._sqrt": singles(positive),
    "elementwise._sin": singles(),
    "elementwise._cos": singles(),
    "elementwise._tanh": singles(),
    "elementwise._sigmoid": singles(),
    "elementwise._sign": singles(),
    "elementwise._abs": singles(),
    "elementwise._relu": singles(),
    "elementwise.gate": [(data(*s), data(*s, seed=1)) for s in [(3,), (2, 3), (), (0,)]],
    "elementwise._clamp": [
        (data(2, 3), -1.0, 1.0),
        (data(3), None, 0.5),
        (data(3), 0.5, None),
        (data(3), 1.0, -1.0),
        (data(), -1, 1),
    ],
    "elementwise._clamp_tensor": [
        (data(2, 3), data(3, seed=1) - 1, data(2, 1, seed=2) + 1),
        (data(2, 3), None, data(3, seed=1)),
        (data(3), data(2, 1, seed=1), None),
        (data(3), data(3, seed=1) + 2, data(3, seed=2) - 2),
    ],
    "elementwise._maximum": pairs(),
    "elementwise._minimum": pairs(),
    "elementwise._where": [
        (np.array([True, False, True]), data(3), data(3, seed=1)),
        (np.array([[True], [False]]), data(3), data(seed=1)),
        (np.array(True), data(2), data(1, seed=1)),
    ],
    "elementwise._clone": singles(),
    "elementwise._to_copy": [(data(3), np.dtype(np.float64)), (data(), np.dtype(np.float64))],
    "elementwise._to_integers": [(data(3), np.dtype(np.int64)), (data(), np.dtype(bool))],
    **{f"elementwise._{name}": pairs() for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    **{
        f"elementwise._{name}": [
            (ints([1, 6, -3]), ints([3, 5, 4])),
            (np.array([True, False]), np.array(True)),
        ]
        for name in ("and", "or", "xor")
    },
    "elementwise._bitwise_not": [(ints(1, 0, -3),), (np.array([True, False]),)],
    "linalg._dot": [(data(3), data(3, seed=1)), (data(0), data(0)), (data(1), data(1, seed=1))],
    "linalg._mv": [(data(2, 3), data(3, seed=1)), (data(3, 2).T, data(3)), (data(2, 0), data(0))],
    "linalg._bmm": [
        (data(2, 3, 4), data(2, 4, 2, seed=1)),
        (data(2, 1, 1), data(2, 1, 3)),
        (data(0, 2, 3), data(0, 3, 1)),
    ],
    "linalg._the_row": [(data(1, 3),), (data(1, 1),), (data(1, 0),)],
    "reduction._mean_all": [(data(3),), (data(2, 3),), (data(),), (data(1),)],
    "reduction._mean_dims": [
        (data(2, 3), (0,), False),
        (data(2, 3), (1,), True),
        (data(2, 3, 4), (0, 2), False),
        (data(), (), True),
    ],
    "reduction.shares": [(TIES, np.array(3.0), None), (TIES, np.array([3.0, 2.0]), (1,))],
    "reduction._max_all": [(data(3),), (data(2, 3),), (data(),), (data(1, 1),)],
    "reduction._min_all": [(data(3),), (data(2, 3),), (data(),), (data(1, 1),)],
    **{
        f"reduction.{name}": [
            (data(2, 3), 0, False),
            (data(2, 3), 1, True),
            (data(2, 3, 4), 1, False),
            (data(), 0, False),
            (data(2, 1), 1, False),
        ]
        for name in ("_max_dim", "_min_dim")
    },
    "reduction.put_along": [
        (data(2), ints(2, 0), (2, 3), 1, False),
        (data(1, 3), ints([1, 1, 0]), (2, 3), 0, True),
        (data(), np.array(0), (), 0, False),
    ],
    "reduction.take_along": [
        (data(2, 3), ints(2, 0), 1, False),
        (data(2, 3), ints([1, 1, 0]), 0, True),
        (data(), np.array(0), 0, False),
    ],
    "reduction._argmax": [(data(2, 3), 1, False), (data(2, 3), None, False), (data(), None, False)],
    "reduction._argmin": [(data(2, 3), 0, True), (data(2, 3), None, False), (data(), None, False)],
    "shape._expand": [(data(3), (2, 3)), (data(2, 1), (4, 2, 3)), (data(), (2,)), (data(1), (0,))],
    "shape._alias": singles(),
    "operators._add_scaled": [(*pair, alpha) for pair in pairs() for alpha in (2.5, -3)],
    "operators._sub_scaled": [(*pair, alpha) for pair in pairs() for alpha in (2.5, -3)],
    "shape._view": [(data(2, 3), (3, 2)), (data(2, 3), (6,)), (data(), (1, 1)), (data(0), (0, 2))],
    "shape._reshape_alias": [(data(4, 6).T[:, :2], (6, 1, 2)), (data(3, 4)[:, 1], (3, 1))],
    "shape._unsafe_view": [(data(2, 3), (3, 2)), (data(1), ()), (data(0, 2), (0,))],
    "shape._transpose": [(data(2, 3), 0, 1), (data(2, 3, 4), 0, 2), (data(2, 3, 4), 1, 1)],
    "shape._t": [(data(2, 3),), (data(3),), (data(),)],
    "shape._permute": [(data(2, 3, 4), (2, 0, 1)), (data(2, 3), (0, 1)), (data(), ())],
    "shape._squeeze_all": [(data(1, 2, 1),), (data(2),), (data(),), (data(1),)],
    "shape._squeeze_one": [(data(1, 2, 1), (0,)), (data(2, 3), ()), (data(), ())],
    "shape._squeeze_some": [(data(1, 2, 1), (0, 2)), (data(2, 3), ())],
    "shape._unsqueeze": [(data(2, 3), 0), (data(2, 3), 2), (data(), 0)],
    "shape._cat": [
        (0, data(2, 3), data(1, 3, seed=1)),
        (1, data(2, 3), data(2, 1, seed=1), data(2, 0)),
        (0, data(3)),
    ],
    "shape._stack": [(0, data(2, 3), data(2, 3, seed=1)), (2, data(2, 3), data(2, 3)), (0, data())],
    "shape._contiguous": [(data(2, 3),), (data(2, 3).T,), (data(),)],
    "indexing._select": [
        (data(2, 3), (1, ...)),
        (data(2, 3), (WHOLE, 2, ...)),
        (data(3), (0, ...)),
    ],
    "indexing._slice": [(data(2, 3), (WHOLE, slice(1, 3))), (data(5), (slice(0, 5, 2),))],
    "indexing.put_region": [
        (data(3), (1, ...), (2, 3)),
        (data(2, 2), (WHOLE, slice(0, 3, 2)), (2, 3)),
    ],
    "indexing._index": [
        (data(3), ints(2, 0, 2)),
        (data(2, 3), WHOLE, ints([0, 0], [2, 1])),
        (data(2, 3), ints(1, 0), ints(2, 2)),
        (data(2, 3), np.array([[True, False, True], [False, False, True]])),
        (data(2, 3), np.array([False, False])),
    ],
    "indexing.add_at": [
        (data(3), (3,), ints(2, 0, 2)),
        (data(2), (2, 3), ints(1, 0), ints(2, 2)),
        (data(2, 2), (2, 3), WHOLE, ints(1, 1)),
    ],
    "indexing.clear_at": [(data(3), ints(2, 0, 2)), (data(2, 3), WHOLE, ints(1))],
    "indexing.index_put": [
        (data(3), data(2, seed=1), False, ints(2, 0)),
        (data(3), data(3, seed=1), True, ints(2, 0, 2)),
        (data(2, 3), data(seed=1), False, ints(1), WHOLE),
        (data(2, 3), data(1, seed=1), True, np.array([[True, False, True], [False, False, True]])),
    ],
    "indexing._copy": [(data(2, 3), data(3, seed=1)), (data(), data(seed=1)), (data(2), data(2))],
    "indexing._fill": [(data(2, 3), data(seed=1)), (data(), data(seed=1))],
    "indexing._fill_number": [(data(2, 3), 1.5), (data(), 2)],
    "indexing._zero": singles(),
    "views.take_region": regions(lambda base, part: (base, part)),
    "views.put_region": regions(lambda base, part: (data(*part.shape), part, base.shape)),
    "views.clear_region": regions(lambda base, part: (base, part)),
}


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
