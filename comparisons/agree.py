"""`python -m comparisons agree`: the engines' ledger for a function of your own."""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from comparisons.problem import DTYPES
from comparisons.startup import quiet_stderr, quiet_tensorflow
from minigrad.testing import assert_gradients_agree
from minigrad.testing.agreement import engines_by_name

EPILOG = """\
The function is an expression, or a function in a file:

  python -m comparisons agree "lambda xp, x: xp.sum(xp.tanh(x) * x)"
  python -m comparisons agree "lambda xp, w, x: xp.mean((x @ w) ** 2)" --shape w=3,2 --shape x=4,3
  python -m comparisons agree model.py:loss --order 2 --engines minigrad,torch,differences

Its first argument is a namespace with numpy's names. The others are arrays: random ones of the
shape given, (3,) unless it is, or the argument's default value, where it has one.
"""


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Prints the ledger. Returns the exit status: 0, or 1 if the engines do not agree."""
    parser.description = "Compare the engines' values and gradients of a function of your own."
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    known = engines_by_name()
    parser.add_argument("function", help='"lambda xp, x: ...", or FILE:FUNCTION')
    parser.add_argument(
        "--shape", action="append", default=[], metavar="NAME=2,3", help="of an argument"
    )
    parser.add_argument("--order", type=int, choices=(1, 2), default=1, help="of the derivatives")
    parser.add_argument("--dtype", choices=DTYPES, default="float64", help="of the arrays")
    parser.add_argument("--seed", type=int, default=0, help="of the arrays")
    parser.add_argument("--engines", default=",".join(known), help="names, with commas between")
    options = parser.parse_args(arguments)
    try:
        f = function(options.function)
        arrays = points(f, options.shape, options.seed, options.dtype)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    quiet_tensorflow()
    names = [name.strip() for name in options.engines.split(",")]
    order = options.order
    with quiet_stderr():
        try:
            said, status = str(assert_gradients_agree(f, *arrays, engines=names, order=order)), 0
        except AssertionError as error:
            said, status = str(error), 1
        except ValueError as error:
            said, status = str(error), 2
    if status == 2:
        parser.error(said)
    print(said)
    return status


def function(text: str) -> Callable[..., Any]:
    """The function that an argument names. Raises ValueError where there is none."""
    if text.lstrip().startswith("lambda"):
        try:
            found = eval(text, {"np": np})
        except SyntaxError as error:
            raise ValueError(f"{text!r} is not an expression: {error.msg}") from None
    else:
        path, colon, name = text.rpartition(":")
        if not colon:
            raise ValueError(f'{text!r} is neither "lambda xp, x: ..." nor FILE:FUNCTION')
        found = getattr(module(Path(path)), name, None)
        if found is None:
            raise ValueError(f"{path} has no function {name!r}")
    if not callable(found):
        raise ValueError(f"{text!r} is not a function")
    return found  # type: ignore[no-any-return]


def module(path: Path) -> Any:
    """The module in a file, run; it finds its neighbours, as if Python had been started with it."""
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    sys.path.insert(0, str(path.parent.resolve()))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is not a Python file")
    made = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = made
    try:
        spec.loader.exec_module(made)
    except Exception as error:
        raise ValueError(f"{path} raises {type(error).__name__}: {error}") from error
    return made


def points(
    f: Callable[..., Any], shapes: Sequence[str], seed: int, dtype: str
) -> list[np.ndarray[Any, Any]]:
    """The arrays for a function's arguments after the first. Raises ValueError for a bad shape."""
    given = {}
    for text in shapes:
        name, equals, sides = text.partition("=")
        try:
            if not equals:
                raise ValueError
            given[name] = tuple([int(side) for side in sides.split(",") if side.strip()])
        except ValueError:
            raise ValueError(f"argument --shape: must be NAME=2,3; got {text!r}") from None
    parameters = list(inspect.signature(f).parameters.values())[1:]
    if unknown := given.keys() - {parameter.name for parameter in parameters}:
        raise ValueError(f"argument --shape: there is no argument {', '.join(sorted(unknown))}")
    random = np.random.RandomState(seed)
    made = []
    for parameter in parameters:
        if parameter.default is not parameter.empty and parameter.name not in given:
            x = np.asarray(parameter.default)
        else:
            x = np.asarray(random.uniform(-2, 2, given.get(parameter.name, (3,))))
        made.append(x.astype(dtype) if x.dtype.kind == "f" else x)
    return made
