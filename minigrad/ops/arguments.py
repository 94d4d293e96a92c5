"""Checks of arguments that many public functions share, with torch's errors."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.autograd.value import Value, edge_of, mode
from minigrad.dtypes import OF_PYTHON, dtype
from minigrad.errors import type_name
from minigrad.promotion import plain


def need_tensor(
    function: str, value: Any, argument: str = "input", position: int | None = 1
) -> None:
    """Raise TypeError unless ``value`` is a tensor. Without a position it goes by name alone."""
    if not isinstance(value, Value):
        place = "" if position is None else f" (position {position})"
        raise TypeError(
            f"{function}(): argument '{argument}'{place} must be Tensor, not {type(value).__name__}"
        )


def is_integer(value: Any) -> bool:
    """Whether torch takes this for an int: also numpy's, and a tensor of one integer."""
    if isinstance(value, Value):
        return value.array.size == 1 and value.array.dtype.kind in "iu"
    return type(value) is int or (hasattr(value, "__index__") and not isinstance(value, bool))


def is_number(value: Any) -> bool:
    """Whether torch takes this for a real number: also numpy's, and a 0-d constant."""
    if isinstance(value, Value):
        return value.array.ndim == 0 and edge_of(value) is None
    return isinstance(value, int | float | np.integer | np.floating | np.bool)


def number(
    function: str, value: Any, argument: str, position: int | None = None, kind: str = "Number"
) -> Any:
    """A setting as a number of Python's: also numpy's, or a constant without dimensions.

    Raises TypeError for all else. ``kind`` is what torch says it must be: a float or a Number.
    """
    if type(value) in (int, float, bool):
        return value
    if not is_number(value):
        place = "" if position is None else f" (position {position})"
        raise TypeError(
            f"{function}(): argument '{argument}'{place} must be {kind}, not {type(value).__name__}"
        )
    return value.array.item() if isinstance(value, Value) else plain(value)


def is_python(value: Any) -> bool:
    """Whether a value is Python's float, int or bool, which name dtypes."""
    return isinstance(value, type) and value in OF_PYTHON


# Of these torch takes the truth value, whatever they are.
LENIENT = {"inplace", "return_indices", "size_average", "reduce"}

# By annotation, what torch calls the type, and whether a value is of it.
TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "tensor": ("Tensor", lambda value: isinstance(value, Value)),
    "int": ("int", is_integer),
    "bool": ("bool", lambda value: isinstance(value, bool)),
    "float": ("Number", is_number),
    "dtypes.dtype": ("torch.dtype", lambda value: isinstance(value, dtype) or is_python(value)),
    "str": ("str", lambda value: isinstance(value, str)),
}


# What is checked of one argument: torch's name of the type, the test, and whether None will do.
Check = tuple[str, Callable[[Any], bool], bool]


def typed(*tensors: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Check the types of all arguments before anything else, as torch does.

    tensors: the parameters that take a tensor, or None where that is the default. The others are
    checked where they are annotated with a name in TYPES, or with ``| None``; numbers arrive as
    Python's.
    """

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        names: list[str] = []
        checks: dict[str, Check] = {}

        def checked(name: str, value: Any, position: int | None = None) -> Any:
            wanted, takes, optional = checks[name]
            if optional and value is None:
                return None
            if not takes(value):
                place = "" if position is None else f" (position {position})"
                raise TypeError(
                    f"{function.__name__}(): argument '{name}'{place} must be {wanted}, not "
                    f"{type(value).__name__}"
                )
            if wanted == "int":
                value = operator.index(value)
                need_long(value)
            if wanted == "torch.dtype":
                value = OF_PYTHON.get(value, value)
            return number(function.__name__, value, name) if wanted == "Number" else value

        @functools.wraps(function)
        def apply(*args: Any, **settings: Any) -> Any:
            if not checks:  # read only now: most functions of a library are never called
                read_signature(function, tensors, names, checks)
            for i, (name, value) in enumerate(zip(names, args, strict=False)):
                if name in checks:
                    good = checked(name, value, i + 1)
                    if good is not value:
                        args = (*args[:i], good, *args[i + 1 :])
            for name, value in settings.items():
                if name in checks:
                    settings[name] = checked(name, value)
            return function(*args, **settings)

        return apply

    return declare


def read_signature(
    function: Callable[..., Any], tensors: Sequence[str], names: list[str], checks: dict[str, Check]
) -> None:
    """Fill in the names of a function's positional parameters, and what to check of them all."""
    parameters = inspect.signature(function).parameters.values()
    names[:] = [p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    found: dict[str, Check] = {}
    for each in parameters:
        kind, _, optional = str(each.annotation).partition(" | ")
        kind = "tensor" if each.name in tensors else kind
        if kind in TYPES and optional in ("", "None") and each.name not in LENIENT:
            found[each.name] = (*TYPES[kind], bool(optional) or each.default is None)
    checks.update(found)  # at once, for other threads


def operands(function: str, operator: Any, a: Any, b: Any, *settings: Any) -> Any:
    """``operator(a, b, *settings)``, or TypeError if they are no tensor and what goes with it."""
    result = None
    if isinstance(a, Value) or isinstance(b, Value):
        result = operator(a, b, *settings)
    if not isinstance(result, Value):
        wrong = [(i, v) for i, v in enumerate((a, b)) if not isinstance(v, Value | int | float)]
        position, value = wrong[0] if wrong else (0, a)
        name = "input" if position == 0 else "other"
        raise TypeError(
            f"{function}(): argument '{name}' (position {position + 1}) must be Tensor, "
            f"not {type(value).__name__}"
        )
    return result


def no_overload(function: str, *values: Any) -> TypeError:
    """torch's error where a function that takes tensors or numbers can make nothing of both."""
    given = ", ".join(["Tensor" if isinstance(v, Value) else type(v).__name__ for v in values])
    return TypeError(
        f"{function}() received an invalid combination of arguments - got ({given}), but expected "
        "one of: two tensors, or a tensor and a number."
    )


def overloads(function: str, result: Any, *values: Any) -> Any:
    """``result``, or `no_overload`'s error if a primitive could not compute with ``values``."""
    if result is NotImplemented:
        raise no_overload(function, *values)
    return result


def integer(function: str, value: Any, argument: str, position: int | None = None) -> int:
    """A dimension, a size or an index as an int; a 0-d integer tensor will do."""
    if type(value) is int:
        return value
    try:
        if not isinstance(value, bool | float):
            return operator.index(value)
    except TypeError:
        pass
    place = "" if position is None else f" (position {position})"
    raise TypeError(
        f"{function}(): argument '{argument}'{place} must be int, not {type(value).__name__}"
    )


def need_long(number: int) -> None:
    """Raise ValueError for an integer of more than 64 bits."""
    if not -(2**63) <= number < 2**63:
        raise ValueError("Overflow when unpacking long long")


def one_dim(dim: Any, ndim: int, function: str = "dim") -> int:
    """A dimension counted from the front. Raises IndexError when there is no such dimension."""
    number, count = integer(function, dim, "dim"), max(ndim, 1)
    if not -count <= number < count:
        need_long(number)
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-count}, {count - 1}], "
            f"but got {number})"
        )
    return number % count


def some_dims(dim: Any, ndim: int, function: str) -> tuple[int, ...]:
    """One dimension or several, each once, counted from the front; None or () means all."""
    if type(dim) is int and -ndim <= dim < ndim:
        return (dim % ndim,)
    if dim is None or (isinstance(dim, Sequence) and len(dim) == 0):
        return tuple(range(ndim))
    dims = tuple(
        [one_dim(d, ndim, function) for d in (dim if isinstance(dim, Sequence) else (dim,))]
    )
    for d in dims:
        if dims.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return dims if ndim else ()


def a_shape(function: str, sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given one by one, or as a single sequence: ``view(2, 3)`` or ``view((2, 3))``."""
    if not sizes:
        raise TypeError(f'{function}() missing 1 required positional arguments: "size"')
    if len(sizes) == 1 and isinstance(sizes[0], list | tuple):
        sizes = tuple(sizes[0])
    return tuple([integer(function, n, "size") for n in sizes])


def fill_in(shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    """Put the number that fits in place of the one ``-1`` a shape may have."""
    known = 1
    for i, n in enumerate(shape):
        if n < -1:
            raise RuntimeError(
                f"invalid shape dimension {n} at index {i} of shape {list(shape)}. Only -1 stands "
                "for a size that is worked out."
            )
        known *= 1 if n == -1 else n
    missing = shape.count(-1)
    if missing > 1:
        raise RuntimeError("only one dimension can be inferred")
    if missing:
        if known == 0 == size:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {list(shape)} because the "
                "unspecified dimension size -1 can be any value and is ambiguous"
            )
        if known and size % known == 0:
            return tuple([size // known if n == -1 else n for n in shape])
    if missing or known != size:
        raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {size}")
    return shape


def need_float(function: str, array: Any) -> None:
    """Raise torch's error for an average of integers."""
    if array.dtype.kind != "f":
        raise RuntimeError(
            f"{function}(): could not infer output dtype. Input dtype must be either a floating "
            f"point or complex dtype. Got: {type_name(array.dtype)}. Convert it with .float()."
        )


def in_dtype(input: Any, dtype: Any) -> Any:
    """A reduction's operand in the dtype asked for; RuntimeError if that loses gradients."""
    kind = np.dtype(dtype)
    if kind.kind != "f" and mode.grad and input.requires_grad:
        raise RuntimeError(
            f"Autograd not support dtype: {type_name(kind)}. Convert the result, or detach() the "
            "operand."
        )
    return input.to(dtype)


NUMPYS_NAMES = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input"}
NUMPYS_NAMES["x2"] = "other"


def numpys_dims(
    dim: Any, keepdim: bool, axis: Any = None, keepdims: bool = False
) -> tuple[Any, bool]:
    """``dim`` and ``keepdim`` where they may have been given under numpy's names."""
    return axis if dim is None else dim, keepdim or keepdims


def numpys_names(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function take its arguments under numpy's names too, ``axis`` and ``keepdims``.

    The first can be called ``input``, ``x``, ``a`` or ``x1``, whatever its own name is.
    """
    own = list(inspect.signature(function).parameters)
    first = own[0]
    names = {a: first if b == "input" else b for a, b in NUMPYS_NAMES.items() if a not in own}
    if "input" not in own:
        names["input"] = first

    @functools.wraps(function)
    def apply(*args: Any, **settings: Any) -> Any:
        if settings:
            for name in settings.keys() & names.keys():
                settings.setdefault(names[name], settings[name])
                del settings[name]
        return function(*args, **settings)

    return apply
