"""Runs torch's own tables of modules and of optimizers on minigrad and on torch.

    python -m tests.agreement.modules                  all of both
    python -m tests.agreement.modules nn.Linear SGD    these

Of a module, in training and in evaluation, this compares the repr, the state, the output, the
gradients of inputs and parameters, and the second derivatives; of an optimizer the defaults, the
repr, the parameters and the state after some steps, with its schedulers too; and the errors of
both. The tables are private to torch, and so may be gone.
"""

from __future__ import annotations

import argparse
import functools
import types
import warnings
from typing import Any

import numpy as np

import minigrad
from tests.agreement import opinfo
from tests.agreement.opinfo import Judge, Report, ours, resolve, tensors, theirs
from tests.judge import first_sentence, plain_text

STEPS = 3


@functools.cache
def module_table() -> dict[str, Any]:
    opinfo.table()  # with what has to be set right after the import
    from torch.testing._internal.common_modules import module_db

    return {info.name: info for info in module_db}


@functools.cache
def optimizer_table() -> dict[str, Any]:
    opinfo.table()
    from torch.testing._internal.common_optimizers import optim_db

    return {info.name: info for info in optim_db}


def translated(x: Any) -> Any:
    """An argument for minigrad; a function or class of torch's as minigrad's of the same name."""
    if isinstance(x, types.FunctionType | types.BuiltinFunctionType):
        return getattr(minigrad.nn.functional, x.__name__)
    if isinstance(x, type) and x.__module__.startswith("torch.nn"):
        return getattr(minigrad.nn, x.__name__)
    if type(x).__name__ == "TransformerEncoderLayer":
        return encoder_layer(x)
    if type(x) in (list, tuple, dict):
        return opinfo.mapped(translated, x)
    return ours(x)


def encoder_layer(x: Any) -> Any:
    """The layer that a TransformerEncoder is made of, by what torch's tells of itself."""
    attention = x.self_attn
    layer = minigrad.nn.TransformerEncoderLayer(
        attention.embed_dim,
        attention.num_heads,
        x.linear1.out_features,
        x.dropout.p,
        translated(x.activation),
        x.norm1.eps,
        attention.batch_first,
        x.norm_first,
        x.linear1.bias is not None,
    ).to(translated(x.linear1.weight.dtype))
    settle(layer, x)
    return layer


def attempt(f: Any) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", RuntimeWarning)
            return f()
    except Exception as error:
        return error


def settle(mine: Any, its: Any) -> None:
    """Give minigrad's module the numbers of torch's."""
    state = {name: ours(x) for name, x in its.state_dict().items()}
    mine.load_state_dict(state)


def judge_module(name: str, dtypes: Any = ("float64",), samples: int = 1000) -> Report:
    import torch

    report = Report(name)
    info = module_table()[name]
    try:
        mirror = resolve(name, minigrad)
    except AttributeError as error:
        report.differs("missing", str(error))
        return report
    for dtype in dtypes:
        kind = getattr(torch, dtype)
        for training in (True, False) if info.train_and_eval_differ else (True,):
            torch.manual_seed(3)
            settings = dict(device="cpu", dtype=kind, training=training)
            made = info.module_inputs_func(info, requires_grad=True, **settings)
            step = max(1, -(-len(made) // samples))
            for i, sample in enumerate(made[::step]):
                where = f"{name} {dtype} training={training} sample {i} {sample.desc}"
                judge_sample(Judge(report, where), info, mirror, sample, training, dtype)
        if info.module_error_inputs_func is not None:
            made = info.module_error_inputs_func(
                info, device="cpu", dtype=kind, requires_grad=False, training=True
            )
            for i, error in enumerate(made):
                judge_error(Judge(report, f"{name} error {i}"), info.module_cls, mirror, error)
    return report


def construct(cls: Any, given: Any, convert: Any, dtype: Any) -> Any:
    made = attempt(lambda: cls(*convert(given.args), **convert(given.kwargs)))
    return made if isinstance(made, Exception) else made.to(dtype)


def judge_error(judge: Judge, cls: Any, mirror: Any, sample: Any) -> None:
    construction, forward = (
        sample.module_error_input.constructor_input,
        sample.module_error_input.forward_input,
    )
    judge.report.compared += 1
    outcomes = []
    for make, convert in ((mirror, translated), (cls, theirs)):

        def call(make: Any = make, convert: Any = convert) -> Any:
            module = make(*convert(construction.args), **convert(construction.kwargs))
            if forward is not None:
                module(*convert(forward.args), **convert(forward.kwargs))

        outcomes.append(attempt(call))
    same_error(judge, *outcomes)


def same_error(judge: Judge, a: Any, b: Any) -> None:
    if not isinstance(b, Exception):
        judge.fails("error unraised by torch", a, b) if isinstance(a, Exception) else None
    elif type(a).__name__ != type(b).__name__:
        judge.fails("error type", a, b)
    elif not plain_text(a).startswith(first_sentence(plain_text(b))):
        judge.fails("error text", a, b)


def judge_sample(judge: Judge, info: Any, mirror: Any, sample: Any, training: bool, d: str) -> None:
    import torch

    judge.report.compared += 1
    torch.manual_seed(1)
    its = construct(info.module_cls, sample.constructor_input, theirs, getattr(torch, d))
    minigrad.manual_seed(1)
    mine = construct(mirror, sample.constructor_input, translated, getattr(minigrad, d))
    if judge.raised("construction", mine, its):
        return
    its.train(training)
    mine.train(training)
    same_text(judge, "repr", mine, its)
    if info.is_lazy:  # the parameters come with the first input
        for module, convert in ((mine, translated), (its, theirs)):
            attempt(lambda m=module, c=convert: m(*c(sample.forward_input.args)))
        same_text(judge, "repr after", mine, its)
    if not same_state(judge, mine, its):
        return
    settle(mine, its)
    results = []
    for lib, module, convert in ((minigrad, mine, translated), (torch, its, theirs)):
        given = [convert(sample.forward_input.args), convert(sample.forward_input.kwargs)]
        lib.manual_seed(2)
        out = attempt(lambda m=module, g=given: m(*g[0], **g[1]))
        leaves = [x for x in tensors([given, list(module.parameters())]) if x.requires_grad]
        results.append((out, leaves))
    (a, xs), (b, ys) = results
    if judge.raised("forward", a, b) or not judge.same("value", a, b):
        return
    same_text(judge, "grad_fn", *([x.grad_fn.name() for x in outputs(z)] for z in (a, b)))
    if not same_state(judge, mine, its) or not outputs(b):
        return
    order = 2 if info.supports_gradgrad and d == "float64" else 1
    derivatives = []
    for lib, out, leaves in ((minigrad, a, xs), (torch, b, ys)):
        derivatives.append(opinfo.differentiate(lib, outputs(out), leaves, order))
    (a1, a2), (b1, b2) = derivatives
    if judge.raised("grad", a1, b1) or not judge.same("grad", a1, b1):
        return
    if order > 1 and not judge.raised("gradgrad", a2, b2):
        judge.same("gradgrad", a2, b2)


def outputs(x: Any) -> list[Any]:
    return [part for part in tensors(x) if part.requires_grad]


def same_text(judge: Judge, kind: str, a: Any, b: Any) -> None:
    if plain_text(a) != plain_text(b):
        judge.fails(kind, a, b)


def same_state(judge: Judge, mine: Any, its: Any) -> bool:
    a, b = mine.state_dict(), its.state_dict()
    if list(a) != list(b):
        judge.fails("state's names", list(a), list(b))
        return False
    return judge.same("state", dict(a), dict(b))


def parameters(lib: Any, dtype: str) -> list[Any]:
    """A matrix and a vector, and their loss's gradients, which Muon too can take."""
    values = np.random.RandomState(11)
    shapes = [(4, 3), (3, 3)]
    return [
        lib.nn.Parameter(lib.from_numpy(values.uniform(-1, 1, s).astype(dtype))) for s in shapes
    ]


def closure(lib: Any, optimizer: Any, params: list[Any], step: int) -> Any:
    def compute() -> Any:
        optimizer.zero_grad()
        loss = sum(((p - 0.3 * step) ** 2 * (i + 1)).sum() for i, p in enumerate(params))
        loss.backward()
        return loss

    return compute


def judge_optimizer(name: str, dtypes: Any = ("float64", "float32")) -> Report:
    import torch

    report = Report(name)
    info = optimizer_table()[name]
    mirror = getattr(minigrad.optim, name, None)
    if mirror is None or info.only_supports_sparse_grads:
        report.differs("missing", name)
        return report
    for dtype in dtypes:
        plans = info.scheduler_inputs
        for i, sample in enumerate(info.optim_inputs_func("cpu", dtype=getattr(torch, dtype))):
            for schedulers in (None, plans[i % len(plans)]):
                judge = Judge(report, f"{name} {dtype} {sample.desc} {schedulers}")
                judge_steps(judge, info, mirror, sample.kwargs, dtype, schedulers)
        if info.optim_error_inputs_func is not None:
            for each in info.optim_error_inputs_func("cpu", getattr(torch, dtype)):
                given = each.optimizer_error_input
                if any(torch.is_tensor(x) and x.is_complex() for x in given.params or ()):
                    continue  # there are no complex numbers here
                report.compared += 1
                made = []
                for make, convert, lib in (
                    (mirror, translated, minigrad),
                    (info.optim_cls, theirs, torch),
                ):
                    params = convert(given.params) if given.params else parameters(lib, dtype)
                    call = functools.partial(make, params, **convert(given.kwargs))
                    made.append(attempt(call))
                same_error(Judge(report, f"{name} error: {given.desc}"), *made)
    return report


def with_our_names(f: Any) -> Any:
    """A scheduler's maker from the table, whose global names are minigrad's."""
    scheduler = minigrad.optim.lr_scheduler
    names = {k: getattr(scheduler, k) for k in dir(scheduler) if k[0] != "_"}
    return types.FunctionType(f.__code__, {**f.__globals__, **names}, f.__name__, f.__defaults__)


def judge_steps(judge: Judge, info: Any, mirror: Any, kw: Any, dtype: str, plans: Any) -> None:
    import torch

    judge.report.compared += 1
    if info.step_requires_closure:
        kw = {"max_iter": 4, **kw}  # close to the minimum it divides what has only rounding left
    sides: list[Any] = []
    for lib, make, convert in ((minigrad, mirror, translated), (torch, info.optim_cls, theirs)):
        params = parameters(lib, dtype)

        def run(make: Any = make, params: Any = params, convert: Any = convert, lib: Any = lib):
            optimizer = make(params, **convert(kw))
            schedulers = [
                (plan if lib is torch else with_our_names(plan))(optimizer) for plan in plans or ()
            ]
            seen = [optimizer.defaults, repr(optimizer)]
            for step in range(STEPS):
                compute = closure(lib, optimizer, params, step)
                compute()
                optimizer.step(compute) if info.step_requires_closure else optimizer.step()
                for scheduler in schedulers:
                    plateau = type(scheduler).__name__ == "ReduceLROnPlateau"
                    scheduler.step(0.5) if plateau else scheduler.step()
                seen.append([group["lr"] for group in optimizer.param_groups])
            state = optimizer.state_dict()
            copy = make(params, **convert(kw))
            copy.load_state_dict(state)
            closure(lib, copy, params, STEPS)()
            compute = closure(lib, copy, params, STEPS)
            copy.step(compute) if info.step_requires_closure else copy.step()
            return seen, params, state, copy.state_dict()

        sides.append(attempt(run))
    a, b = sides
    if judge.raised("steps", a, b):
        return
    for kind, x, y in zip(("seen", "parameters", "state", "loaded"), a, b, strict=True):
        same_text(judge, kind, shown(x), shown(y))
        judge.same(kind, in_order(x), in_order(y))


def in_order(x: Any) -> Any:
    """A structure with its dicts sorted: the order in which a state came about is nobody's."""
    if isinstance(x, dict):
        return {key: in_order(x[key]) for key in sorted(x, key=str)}
    return [in_order(part) for part in x] if isinstance(x, list | tuple) else x


def shown(x: Any) -> Any:
    """Everything of a structure but its tensors' numbers."""
    x = in_order(x)
    if hasattr(x, "requires_grad_"):
        return f"{plain_text(x.dtype)}{list(x.shape)}"
    if isinstance(x, dict):
        return {key: shown(part) for key, part in x.items()}
    if isinstance(x, list | tuple):
        return [shown(part) for part in x]
    return float(f"{x:.9g}") if isinstance(x, float) else x


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    names = parser.parse_args().names
    for name in names or [*module_table(), *optimizer_table()]:
        report = (judge_module if name in module_table() else judge_optimizer)(name)
        print(f"{name}: {report.compared} compared, {dict(report.kinds) or 'all the same'}")
        for kind, text in report.examples.items():
            print(f"   [{kind}] {text}")


if __name__ == "__main__":
    main()
