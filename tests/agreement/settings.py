"""Calls every operator of torch's table with one setting that is of another kind.

    python -m tests.agreement.settings addmm clamp       these operators
    python -m tests.agreement.settings                   all of them

A setting is what is no tensor: a factor, a dimension, a mode. In the table's own samples one of
them is replaced, or one that the sample leaves out is given, by each of VALUES; all else is as it
should be. minigrad must give what torch gives, or raise an error that shows nothing of its insides.
"""

from __future__ import annotations

import argparse
import inspect
import itertools
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

import minigrad
from tests.agreement import malformed, opinfo
from tests.agreement.choices import Choices

VALUES = (
    """
None | True | 0 | 1 | 2 | -1 | 7 | 2**70 | 0.5 | 2.0 | float('nan') | np.int64(1) | np.float32(1.5)
| np.array([1.0]) | T.tensor(1) | T.tensor(1.0) | T.ones(1) | T.ones(2) | () | (1,) | [0] | [0, 0]
| [1.5] | ['a'] | [None] | 'a' | {} | T.float32
""".strip()
    .replace("\n", " ")
    .split(" | ")
)
# Settings of a tensor's making, and places for results: other tests are about those.
LEFT_OUT = (
    *("out", "generator", "dtype", "layout", "device"),
    *("pin_memory", "memory_format", "requires_grad"),
)
SERIOUS = ("leaks", "hangs", "warns", "gives another")
# Where the two are known to part, as in malformed.KNOWN: the operator and its setting, and why.
KNOWN = {
    r"m(ax|in)\..*dim=T\.tensor\(1\)": "one tensor beside another is compared with it",
    r"vector_norm.*ord=float\('nan'\)": "no norm has that order; torch's depends on the sizes",
    r"multi_margin_loss.*margin=float\('nan'\)": "a loss of NaN is NaN",
}


def samples(name: str, seed: int, most: int = 4) -> list[Any]:
    """Samples of an operator's table that differ in what they give by place and by name."""
    op = opinfo.table()[name]
    supported = op.supported_dtypes("cpu")
    dtypes = [d for d in (torch.float64, torch.int64, torch.bool) if d in supported]
    if not dtypes:
        return []
    torch.manual_seed(seed)
    made: dict[Any, Any] = {}
    for sample in itertools.islice(op.sample_inputs("cpu", dtypes[0], requires_grad=False), 40):
        kinds = (tuple(map(type, sample.args)), tuple(sorted(sample.kwargs)))
        if all(x.numel() for x in opinfo.tensors((sample.input, sample.args))):
            made.setdefault(kinds, sample)
    return list(made.values())[:most]


def has_tensor(x: Any) -> bool:
    return next(opinfo.tensors(x), None) is not None


def places(function: Callable[..., Any], sample: Any) -> Iterator[tuple[int | str, str]]:
    """Where a sample's settings stand, by place or by name, and what they are called."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    try:
        parameters = [p for p in inspect.signature(function).parameters.values() if p.kind in kinds]
    except ValueError:
        parameters = []
    names = [p.name for p in parameters]
    for i, x in enumerate(sample.args):
        if not has_tensor(x):
            yield i, names[i + 1] if i + 1 < len(names) else str(i)
    yield from ((name, name) for name, x in sample.kwargs.items() if not has_tensor(x))
    taken = {*names[: 1 + len(sample.args)], *sample.kwargs, *LEFT_OUT}
    for each in parameters[1:]:
        if each.name not in taken and each.default is not each.empty:
            yield each.name, each.name


def outcome(library: Any, function: Callable[..., Any], args: Any, settings: Any) -> Any:
    library.manual_seed(0)
    try:
        return function(*args, **settings)
    except Exception as error:
        return error


def judge(name: str, seed: int = 3, share: int = 100) -> tuple[int, list[malformed.Found]]:
    """How many calls of an operator were made, and those whose outcome is wrong.

    share: of all the calls that there are so many in a hundred.
    """
    op = opinfo.table()[name]
    if "torch.testing" in (getattr(op.op, "__module__", "") or ""):
        return 0, []  # the table's own function around the operator
    function = opinfo.translate(op.op, op.name)
    choices, count, wrong = Choices(seed), 0, []
    for sample in samples(name, seed):
        for place, called in places(function, sample):
            for text in VALUES:
                if not choices.chance(share) or (called in ("n", "k") and text == "2**70"):
                    continue
                count += 1
                found = compared(name, function, op.op, sample, place, called, text)
                if found is not None:
                    wrong.append(found)
    return count, wrong


def compared(
    name: str, mine: Any, its: Any, sample: Any, place: int | str, called: str, text: str
) -> malformed.Found | None:
    outcomes = []
    for library, function, copied in (
        (torch, its, opinfo.theirs),
        (minigrad, mine, opinfo.ours),
    ):
        args, settings = list(copied(sample.args)), dict(copied(sample.kwargs))
        value = eval(text, {"T": library, "np": np})
        (args if isinstance(place, int) else settings)[place] = value  # type: ignore[call-overload]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if library is minigrad:
                warnings.simplefilter("error", RuntimeWarning)
            outcomes.append(outcome(library, function, [copied(sample.input), *args], settings))
    call = f"{name}({opinfo.described(sample)}) with {called}={text}"
    found = malformed.compare(call, outcomes[1], outcomes[0], [], [])
    if found is None or malformed.known(found):
        return None
    return None if any(re.search(known, call) for known in KNOWN) else found


def serious(found: Sequence[malformed.Found], kinds: Sequence[str] = SERIOUS) -> list[str]:
    """What is not merely an error of another type, or none where torch has one."""
    return [
        f"{each.kind}: {each.call}\n  ours  {each.ours}\n  torch {each.theirs}"
        for each in found
        if each.kind in kinds
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.agreement.settings")
    parser.add_argument("names", nargs="*", help="operators such as addmm, nn.functional.elu")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--kinds", nargs="*", default=list(SERIOUS), help="what to show")
    options = parser.parse_args()
    from tests.agreement.test_opinfo import NAMES

    torch.set_num_threads(1)
    total, wrong = 0, 0
    for name in options.names or NAMES:
        count, found = judge(name, options.seed)
        total += count
        for text in serious(found, options.kinds):
            wrong += 1
            print(text)
    print(f"{total} calls, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
