"""Runs torch's own table of operators, with its sample and error inputs, on minigrad and on torch.

    python -m tests.agreement.opinfo abs linalg.qr         these operators
    python -m tests.agreement.opinfo --family reduction    a family of operators.py
    python -m tests.agreement.opinfo                       all of them

Of each sample, as a function, a method and in place, this compares the value, dtype, shape, whether
it requires grad, the name of ``grad_fn``, the first and the second derivatives; and of each error
input the exception's type and first sentence. The table is private to torch, and so may be gone.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import types
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import minigrad
from tests.agreement.operators import FAMILIES
from tests.judge import first_sentence, plain_text

DTYPES = ("float64", "float32", "int64", "bool")
# The output that is determined; the vectors beside it depend on the LAPACK at hand.
DETERMINED = {"linalg.svd": 1, "svd": 1, "linalg.eigh": 0}
# Units in the last place of the largest number that a value, a first and a second derivative may
# be off by: sums and products are taken in another order than torch's.
ULPS = {"value": 64, "grad": 512, "gradgrad": 4096}
# Where that is asked for, also by so many times what torch's own answers move if their arguments
# are off by so many roundings.
MOVES, ROUNDINGS = 8, 32


@functools.cache
def table() -> dict[str, Any]:
    """torch's operators by name and variant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal import common_utils
        from torch.testing._internal.common_methods_invocations import op_db
        from torch.testing._internal.opinfo import core
    import torch

    # The import forbids setting torch.backends' flags, which lessons that come later do.
    flags = torch.backends.disable_global_flags.__globals__
    flags["__allow_nonbracketed_mutation_flag"] = True
    # For every sample it looks for a unittest.TestCase among its callers, which takes longer than
    # all the rest of a test; there is none here.
    for module in (common_utils, core):
        module.extract_test_fn = lambda: None
    return {".".join(filter(None, [op.name, op.variant_test_name])): op for op in op_db}


def ours(x: Any) -> Any:
    """An argument for torch as the same for minigrad: tensors with their own memory."""
    import torch

    if isinstance(x, torch.Tensor):
        result = minigrad.from_numpy(x.detach().numpy().copy(order="K"))
        return result.requires_grad_(x.requires_grad)
    if isinstance(x, torch.dtype | torch.memory_format):
        return getattr(minigrad, plain_text(x))
    if isinstance(x, torch.device | torch.layout):
        return None
    return mapped(ours, x)


def theirs(x: Any) -> Any:
    """A copy of an argument, so that a run changes nothing of the sample."""
    import torch

    if isinstance(x, torch.Tensor):
        return x.detach().clone().requires_grad_(x.requires_grad)
    return mapped(theirs, x)


def nudged(x: Any, draws: np.random.RandomState) -> Any:
    """A copy of an argument for torch, its floats off by a few roundings."""
    import torch

    if isinstance(x, torch.Tensor):
        made = x.detach().clone()
        if x.is_floating_point():
            steps = draws.randint(-ROUNDINGS, ROUNDINGS + 1, tuple(x.shape))
            made *= 1 + torch.finfo(x.dtype).eps * torch.from_numpy(steps).to(x.dtype)
        return made.requires_grad_(x.requires_grad)
    return mapped(lambda part: nudged(part, draws), x)


def mapped(f: Callable[[Any], Any], x: Any) -> Any:
    if type(x) in (list, tuple):
        return type(x)([f(part) for part in x])
    if isinstance(x, dict):
        return {key: f(part) for key, part in x.items()}
    if isinstance(x, slice):
        return slice(f(x.start), f(x.stop), f(x.step))
    return x


def tensors(x: Any) -> Iterator[Any]:
    """The tensors in a nested structure, in order."""
    if hasattr(x, "requires_grad_"):
        yield x
    elif isinstance(x, list | tuple | dict):
        for part in x.values() if isinstance(x, dict) else x:
            yield from tensors(part)


def resolve(name: str, root: Any) -> Any:
    return functools.reduce(getattr, name.split("."), root)


def with_seed(f: Callable[..., Any], *args: Any, **settings: Any) -> Any:
    """What the table wraps random operators in, for minigrad."""
    minigrad.manual_seed(42)
    return f(*args, **settings)


def translate(f: Any, name: str) -> Any:
    """minigrad's function for torch's ``f``: that of the same name, or its code with minigrad."""
    import torch

    if isinstance(f, functools.partial):
        return functools.partial(translate(f.func, name), *ours(f.args), **ours(f.keywords))
    in_table = getattr(f, "__module__", "") or ""
    if isinstance(f, types.FunctionType) and "torch.testing" in in_table:
        names = {"torch": minigrad, "F": getattr(getattr(minigrad, "nn", None), "functional", None)}
        names["wrapper_set_seed"] = with_seed
        cells = None
        if f.__closure__:
            cells = tuple(types.CellType(translate(c.cell_contents, name)) for c in f.__closure__)
        made = types.FunctionType(
            f.__code__, {**f.__globals__, **names}, f.__name__, f.__defaults__, cells
        )
        made.__kwdefaults__ = f.__kwdefaults__
        return made
    if callable(f):
        for path in (name, getattr(f, "__name__", name)):
            for root, mirror in ((torch, minigrad), (torch.Tensor, minigrad.Tensor)):
                try:
                    found = resolve(path, root)
                except AttributeError:
                    continue
                if found is f:
                    return resolve(path, mirror)
        return resolve(name, minigrad)
    return ours(f)


@dataclass
class Report:
    """What one operator did: how much was compared, and what differed, by kind."""

    name: str
    compared: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def differs(self, kind: str, detail: str) -> None:
        self.kinds[kind] += 1
        self.examples.setdefault(kind, detail[:700])


def run(f: Any, args: Any) -> Any:
    """What a call returns, or the exception it raises."""
    sample, rest, settings = args
    try:
        return f(sample, *rest, **settings)
    except Exception as error:
        return error


def close(a: np.ndarray, b: np.ndarray, ulps: float, size: float = 0.0) -> bool:
    """Whether two arrays are, to so many units in the last place of the largest number.

    They may also be off by two units of numbers of that ``size``.
    """
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind != "f":
        return bool((a == b).all())
    finite = np.abs(b[np.isfinite(b)]).astype(np.float64)
    unit = float(np.finfo(a.dtype).eps)
    tolerance = unit * max(ulps * max(float(finite.max(initial=0)), 1e-3), 2 * size)
    return bool(np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True))


def largest(x: Any) -> float:
    """The largest finite magnitude in a structure of tensors."""
    arrays = [np.abs(y.numpy(force=True).astype(np.float64)) for y in tensors(x)]
    return max([float(a[np.isfinite(a)].max(initial=0)) for a in arrays], default=0.0)


def text_of(x: Any) -> str:
    if isinstance(x, Exception):
        return f"{type(x).__name__}: {str(x)[:200]}"
    return " ".join(plain_text(x).split())[:260]


class Judge:
    """Compares one call on both sides, and counts in the report."""

    def __init__(
        self, report: Report, where: str, nearby: Callable[[str], list[Any]] | None = None
    ) -> None:
        """``nearby`` gives torch's answers, or derivatives, at arguments off by roundings."""
        self.report, self.where, self.nearby = report, where, nearby

    def uncertain(self, order: str, i: int, a: np.ndarray, b: np.ndarray) -> bool:
        """Whether ``a`` is as near to torch's ``b`` as ``b`` is to its neighbours."""
        if self.nearby is None or a.dtype.kind != "f":
            return False
        moved = 0.0
        for answer in self.nearby(order):
            other = [*tensors(answer)][i].numpy(force=True)
            moved = max(moved, float(np.nanmax(np.abs(other - b), initial=0)))
        return bool(np.allclose(a, b, rtol=0, atol=MOVES * moved, equal_nan=True))

    def fails(self, kind: str, a: Any, b: Any) -> None:
        detail = f"{self.where}\n      ours  {text_of(a)}\n      torch {text_of(b)}"
        self.report.differs(kind, detail)

    def raised(self, kind: str, a: Any, b: Any) -> bool:
        """Whether one of them raised; it differs unless both did, and in the same way."""
        if not (isinstance(a, Exception) or isinstance(b, Exception)):
            return False
        if not isinstance(a, type(b)) and not isinstance(b, type(a)):
            # torch's cov, of one row with weights, writes into its operand, which it then refuses.
            writes = "leaf Variable that requires grad is being used in an in-place" in str(b)
            if not writes or "inplace" in kind:
                self.fails(kind, a, b)
        return True

    def same(self, kind: str, a: Any, b: Any, size: float = 0.0) -> bool:
        """Whether two structures of tensors are the same; of ``size`` see ``close``."""
        xs, ys = list(tensors(a)), list(tensors(b))
        if len(xs) != len(ys):
            self.fails(kind, a, b)
            return False
        for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
            if plain_text(x.dtype) != plain_text(y.dtype):
                self.fails(f"{kind} dtype", x, y)
                return False
            if tuple(x.shape) != tuple(y.shape):
                self.fails(f"{kind} shape", x, y)
                return False
            order = kind.split()[-1]
            found, wanted = x.detach().numpy(), y.numpy(force=True)
            near = close(found, wanted, ULPS.get(order, ULPS["value"]), size)
            if not near and not self.uncertain(order, i, found, wanted):
                self.fails(kind, x, y)
                return False
            if x.requires_grad != y.requires_grad:
                self.fails(f"{kind} requires_grad", x.requires_grad, y.requires_grad)
                return False
        if not xs and not isinstance(b, list | tuple | dict) and a != b:
            self.fails(kind, a, b)
            return False
        return True


def judge_call(judge: Judge, mine: Any, its: Any, sample: Any, prefix: str, order: int) -> None:
    """Run both sides of one form of an operator, and differentiate them."""
    import torch

    given = (sample.input, sample.args, sample.kwargs)
    their_args, our_args = theirs(given), ours(given)
    torch.manual_seed(5)
    b = run(its, their_args)
    minigrad.manual_seed(5)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # numpy's, which users must not see
        a = run(mine, our_args)
    judge.report.compared += 1
    if judge.raised(f"{prefix}raises", a, b):
        return
    determined = DETERMINED.get(judge.report.name)
    shown = [z if determined is None else z[determined] for z in (a, b)]
    if not judge.same(f"{prefix}value", *shown) or (prefix and determined is not None):
        return
    for x, y in zip(tensors(a), tensors(b), strict=True):
        names = [plain_text(z.grad_fn.name()) if z.grad_fn else None for z in (x, y)]
        if names[0] != names[1]:
            judge.fails(f"{prefix}grad_fn", *names)
            break
    process = getattr(sample, "output_process_fn_grad", None)
    if process is not None and prefix == "":
        b = process(b)
        a = translate(process, judge.report.name)(a)
    outs = [[x for x in tensors(z) if x.requires_grad] for z in (a, b)]
    leaves = [[x for x in tensors(z) if x.requires_grad] for z in (our_args, their_args)]
    if not outs[1] or order < 1 or not leaves[1]:
        return
    a1, a2 = differentiate(minigrad, outs[0], leaves[0], order)
    b1, b2 = differentiate(torch, outs[1], leaves[1], order)
    # What is written in place may be differentiated by its result, with the roundings of that.
    size = largest(b) if prefix.startswith("inplace") else 0.0
    if judge.raised(f"{prefix}grad", a1, b1) or not judge.same(f"{prefix}grad", a1, b1, size):
        return
    if order > 1 and not judge.raised(f"{prefix}gradgrad", a2, b2):
        judge.same(f"{prefix}gradgrad", a2, b2)


def answers_nearby(f: Any, given: Any, process: Any, order: int) -> Callable[[str], list[Any]]:
    """torch's answers and derivatives at several arguments that are off by roundings."""
    import torch

    @functools.cache
    def answers(kind: str) -> list[Any]:
        found = []
        for i in range(8):
            args = nudged(given, np.random.RandomState(i))
            torch.manual_seed(5)
            out = run(f, args)
            if kind in ("grad", "gradgrad"):
                outs = [x for x in tensors(process(out)) if x.requires_grad]
                leaves = [x for x in tensors(args) if x.requires_grad]
                out = differentiate(torch, outs, leaves, order)[kind == "gradgrad"]
            found.append(out)
        return found

    return answers


def differentiate(lib: Any, outs: Any, xs: Any, order: int) -> tuple[Any, Any]:
    """The gradients, and the gradients of their weighted sum; an exception in place of either."""
    twice = order > 1
    gs = []
    for x in outs:
        seed = np.random.RandomState(7).uniform(0.5, 1.5, tuple(x.shape))
        gs.append(lib.from_numpy(np.asarray(seed, plain_text(x.dtype))).requires_grad_())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            first = lib.autograd.grad(
                outs, xs, gs, create_graph=twice, allow_unused=True, materialize_grads=False
            )
        except Exception as error:
            return error, None
        first = [g if g is not None else 0 for g in first]
        # Of empty gradients torch forgets the graph at times.
        recorded = [g for g in first if hasattr(g, "numel") and g.requires_grad and g.numel()]
        if not twice or not recorded:
            return [g.detach() if hasattr(g, "detach") else g for g in first], []
        try:
            weights = [
                lib.from_numpy(
                    np.random.RandomState(i)
                    .uniform(0.5, 1.5, tuple(g.shape))
                    .astype(plain_text(g.dtype))
                )
                for i, g in enumerate(recorded)
            ]
            second = lib.autograd.grad(
                recorded, [*xs, *gs], weights, allow_unused=True, materialize_grads=True
            )
        except Exception as error:
            second = error
        return [g.detach() if hasattr(g, "detach") else g for g in first], second


def judge_operator(
    name: str,
    dtypes: Any = DTYPES,
    samples: int = 1000,
    order: int = 2,
    errors: bool = True,
    seed: int = 3,
    vary: Callable[[Any], Any] = lambda sample: sample,
    uncertain: bool = False,
) -> Report:
    """Compare one operator of torch's table, on samples as they are or varied.

    uncertain: whether answers may also differ by what torch's own move if arguments are rounded.
    """
    import torch

    op = table()[name]
    report = Report(name)
    try:
        function = translate(op.op, op.name)
    except AttributeError as error:
        report.differs("missing", str(error))
        return report
    forms = [("", function, op.op)]
    for prefix, variant in (("method ", op.method_variant), ("inplace ", op.inplace_variant)):
        if variant is not None:
            try:
                forms.append(
                    (prefix, translate(variant, getattr(variant, "__name__", op.name)), variant)
                )
            except AttributeError as error:
                report.differs(f"{prefix}missing", str(error))
    supported = {plain_text(dtype) for dtype in op.supported_dtypes("cpu")}
    for dtype in (d for d in dtypes if d in supported):
        kind = getattr(torch, dtype)
        differentiable = dtype.startswith("float") and op.supports_autograd
        torch.manual_seed(seed)
        made = op.sample_inputs("cpu", kind, requires_grad=differentiable)
        for i, sample in enumerate(map(vary, itertools.islice(made, samples))):
            for prefix, mine, its in forms:
                given = sample
                if prefix == "inplace ":
                    if sample.broadcasts_input or dtype == "bool":
                        continue
                    given = types.SimpleNamespace(
                        input=sample.input, args=sample.args, kwargs=sample.kwargs
                    )
                    mine, its = after_clone(mine), after_clone(its)
                where = f"{name} {prefix}{dtype} sample {i}: {described(given)}"
                # Second derivatives of one form and dtype will do: all forms share the rules.
                twice = order if dtype == "float64" and op.supports_gradgrad else min(order, 1)
                steps = (twice if prefix == "" else min(order, 1)) if differentiable else 0
                nearby = None
                if uncertain:
                    process = getattr(given, "output_process_fn_grad", None) if not prefix else None
                    arguments = given.input, given.args, given.kwargs
                    nearby = answers_nearby(its, arguments, process or (lambda out: out), steps)
                judge_call(Judge(report, where, nearby), mine, its, given, prefix, steps)
    if errors:
        judge_errors(report, op, function)
    return report


def after_clone(method: Any) -> Any:
    """An in-place method applied to a copy, since a leaf that requires grad cannot be written."""

    def apply(x: Any, *args: Any, **settings: Any) -> Any:
        return method(x.clone(), *args, **settings)

    return apply


def judge_errors(report: Report, op: Any, function: Any) -> None:
    try:
        made = list(op.error_inputs("cpu"))
    except Exception:  # the table makes these inputs with what this machine may lack
        return
    for i, each in enumerate(made):
        sample = each.sample_input
        given = (sample.input, sample.args, sample.kwargs)
        if "out" in sample.kwargs or any("complex" in str(x.dtype) for x in tensors(given)):
            continue
        try:
            our_args = ours(given)
        except Exception:  # a layout or dtype that minigrad has not
            continue
        b = run(op.op, theirs(given))
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            a = run(function, our_args)
        report.compared += 1
        judge = Judge(report, f"{report.name} error input {i}: {described(sample)}")
        if not isinstance(b, Exception):
            continue
        if type(a).__name__ != type(b).__name__:
            judge.fails("error type", a, b)
        elif not plain_text(a).startswith(first_sentence(plain_text(b))):
            judge.fails("error text", a, b)


def described(sample: Any) -> str:
    def short(x: Any) -> str:
        if hasattr(x, "requires_grad_") and hasattr(x, "dtype"):
            return f"{plain_text(x.dtype)}{list(x.shape)}"
        if type(x) in (list, tuple):
            return f"[{', '.join(map(short, x))}]"
        return plain_text(repr(x))

    settings = [f"{key}={short(value)}" for key, value in sample.kwargs.items()]
    return ", ".join([short(sample.input), *map(short, sample.args), *settings])[:300]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="operators, with their variants; all if none")
    parser.add_argument("--family", choices=[*FAMILIES], help="a family of operators.py")
    parser.add_argument("--dtypes", default=",".join(DTYPES))
    parser.add_argument("--samples", type=int, default=1000, help="at most so many per dtype")
    parser.add_argument("--order", type=int, default=2, help="of the derivatives: 0, 1 or 2")
    parser.add_argument("--quiet", action="store_true", help="counts without examples")
    options = parser.parse_args()
    names = options.names or FAMILIES.get(options.family) or [*itertools.chain(*FAMILIES.values())]
    right = 0
    for name in names:
        report = judge_operator(name, options.dtypes.split(","), options.samples, options.order)
        right += not report.kinds
        verdict = ", ".join(f"{kind} {n}" for kind, n in report.kinds.items()) or "agrees"
        print(f"{name}: {report.compared} compared: {verdict}", flush=True)
        if not options.quiet:
            for kind, example in report.examples.items():
                print(f"    [{kind}] {example}", flush=True)
    print(f"{right} of {len(names)} operators agree")


if __name__ == "__main__":
    main()
