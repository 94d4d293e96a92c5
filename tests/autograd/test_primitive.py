"""Every declared primitive: its derivatives, its memory, its words; and the declaration itself."""

import ast
import gc
import inspect
import weakref
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.autograd.backward import run
from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Value, edge_of, wrap
from minigrad.numpy_protocols import FUNCTIONS, UFUNCS
from tests.judge import data
from tests.primitives import CASES, PRIMITIVES, SAMPLES, Case

DTYPES = (np.float64, np.float32, np.float16)
STEP = 1e-3


def for_cases(cases: list[Case]) -> Callable[[Callable[[Case], None]], Any]:
    """Run a test of a case with all of a primitive's: one by one they would cost more to count."""
    by_name = {case.name: [x for x in cases if x.name == case.name] for case in cases}

    def decorate(check: Callable[[Case], None]) -> Any:
        @pytest.mark.parametrize("name", by_name)
        def test(name: str) -> None:
            for case in by_name[name]:
                try:
                    check(case)
                except BaseException as error:
                    error.add_note(f"with the sample {case}")
                    raise

        test.__doc__ = check.__doc__
        test.of_case = check
        return test

    return decorate


EACH_CASE = for_cases(CASES)
EACH_DIFFERENTIABLE = for_cases([case for case in CASES if case.differentiable])


def test_every_primitive_has_samples() -> None:
    """Whoever declares a primitive gives it inputs in tests/primitives.py, and so its tests."""
    assert sorted(SAMPLES) == sorted(PRIMITIVES)
    assert all(SAMPLES.values())


def test_a_primitive_without_samples_is_refused(monkeypatch) -> None:
    monkeypatch.setitem(PRIMITIVES, "arithmetic.cube", lambda x: x)
    with pytest.raises(AssertionError):
        test_every_primitive_has_samples()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_rule_is_reached_by_a_sample(name) -> None:
    declared = PRIMITIVES[name].primitive
    cases = [case for case in CASES if case.name == name]
    for i, param in enumerate(declared.params):
        if declared.rules.get(param):
            assert any(i in case.differentiable for case in cases), param


def leaves(case: Case, dtype: Any = np.float64) -> list[Any]:
    """The arguments with a leaf in the place of every array that is differentiated."""
    args: list[Any] = list(case.args)
    for i in case.differentiable:
        args[i] = wrap(args[i].astype(dtype))
        args[i].requires_grad_()
    # The rules are for tensors: where there is no leaf, any array makes the call one of these.
    if not any(isinstance(x, Value) for x in args):
        args = [wrap(x) if isinstance(x, np.ndarray) else x for x in args]
    return args


def first(result: Any) -> Any:
    return result[0] if isinstance(result, tuple) else result


def value(case: Case, arrays: list[Any]) -> np.ndarray:
    args: list[Any] = list(case.args)
    for i, array in zip(case.differentiable, arrays, strict=True):
        args[i] = wrap(array)
    return first(case.apply(*args)).array


def vjp(case: Case, arrays: list[Any], cotangent: np.ndarray) -> list[np.ndarray]:
    args = list(case.args)
    xs = []
    for i, array in zip(case.differentiable, arrays, strict=True):
        args[i] = wrap(array)
        args[i].requires_grad_()
        xs.append(args[i])
    out = first(case.apply(*args))
    if edge_of(out) is None:
        return [np.zeros_like(array) for array in arrays]
    gs = minigrad.autograd.grad(out, xs, wrap(cotangent), materialize_grads=True)
    return [g.numpy() for g in gs]


def slope(f: Any, arrays: list[np.ndarray], directions: list[np.ndarray]) -> float:
    """The derivative of f along the directions, by central differences of fourth order."""

    def at(h: float) -> float:
        return f([x + h * v for x, v in zip(arrays, directions, strict=True)])

    near, far = at(STEP) - at(-STEP), at(2 * STEP) - at(-2 * STEP)
    return float((8 * near - far) / (12 * STEP))


def directions_for(arrays: list[np.ndarray]) -> list[np.ndarray]:
    return [data(*x.shape, seed=10 + i) for i, x in enumerate(arrays)]


def inner(a: list[np.ndarray], b: list[np.ndarray]) -> float:
    return float(sum((x * y).sum() for x, y in zip(a, b, strict=True)))


@EACH_DIFFERENTIABLE
def test_gradcheck(case: Case) -> None:
    arrays = [case.args[i] for i in case.differentiable]
    cotangent = data(*value(case, arrays).shape, seed=5)
    directions = directions_for(arrays)
    if first(case.apply(*leaves(case))).requires_grad:
        numeric = slope(lambda xs: float((value(case, xs) * cotangent).sum()), arrays, directions)
        assert inner(vjp(case, arrays, cotangent), directions) == pytest.approx(
            numeric, rel=1e-8, abs=1e-8
        )


@EACH_DIFFERENTIABLE
def test_gradgradcheck(case: Case) -> None:
    arrays = [case.args[i] for i in case.differentiable]
    n = len(arrays)
    args = leaves(case)
    xs = [args[i] for i in case.differentiable]
    out = first(case.apply(*args))
    if not out.requires_grad:
        return
    cotangent = data(*out.shape, seed=5)
    g = wrap(cotangent)
    g.requires_grad_()
    gs = minigrad.autograd.grad(out, xs, g, create_graph=True, materialize_grads=True)
    weights = [data(*x.shape, seed=20 + i) for i, x in enumerate(arrays)]
    seconds = minigrad.autograd.grad(
        [y for y in gs if y.requires_grad],
        [*xs, g],
        [wrap(w) for w, y in zip(weights, gs, strict=True) if y.requires_grad],
        materialize_grads=True,
    )
    directions = directions_for([*arrays, cotangent])
    numeric = slope(
        lambda values: inner(vjp(case, values[:n], values[n]), weights),
        [*arrays, cotangent],
        directions,
    )
    found = inner([y.numpy() for y in seconds], directions)
    assert found == pytest.approx(numeric, rel=1e-8, abs=1e-8)


def variants(case: Case, dtype: Any) -> list[Any]:
    """The case's arguments, and the same with zeros and equal elements, where the kinks are."""
    args = leaves(case, dtype)
    rounded = leaves(case, dtype)
    for x in rounded:
        if isinstance(x, Value) and x.requires_grad:
            np.trunc(x.array, out=x.array)
    return [args, rounded]


@EACH_DIFFERENTIABLE
def test_backward_with_and_without_create_graph_gives_the_same_bits(case: Case) -> None:
    factorised = case.name.split(".")[0] in ("solving", "decompositions", "least_squares", "lu")
    dtypes = DTYPES[:-1] if factorised else DTYPES  # LAPACK has no float16
    for args in [args for dtype in dtypes for args in variants(case, dtype)]:
        xs = [args[i] for i in case.differentiable]
        out = first(case.apply(*args))
        if not out.requires_grad:
            continue
        seed = data(*out.shape, seed=5).astype(out.array.dtype)
        for g in (seed, np.zeros_like(seed), np.full_like(seed, np.inf)):
            plain, graph = [
                minigrad.autograd.grad(
                    out, xs, wrap(g.copy()), True, create_graph, materialize_grads=True
                )
                for create_graph in (False, True)
            ]
            for x, a, b in zip(xs, plain, graph, strict=True):
                assert a.array.dtype == b.array.dtype == x.array.dtype
                assert a.array.shape == b.array.shape == x.array.shape
                assert a.array.tobytes() == b.array.tobytes(), f"{a.array} and {b.array}"


def copies(args: Any) -> list[Any]:
    arrays = [x.array if isinstance(x, Value) else x for x in args]
    return [x.copy() if isinstance(x, np.ndarray) else None for x in arrays]


@EACH_CASE
def test_inputs_and_seed_are_not_changed(case: Case) -> None:
    args = leaves(case)
    before = copies(args)
    out = first(case.apply(*args))
    if out.requires_grad:
        seed = data(*out.shape, seed=5)
        for create_graph in (True, False):
            g = wrap(seed.copy())
            out.backward(g, retain_graph=True, create_graph=create_graph)
            assert (g.array == seed).all()
            assert g._version == 0
    for x, old in zip(args, before, strict=True):
        if old is not None:
            np.testing.assert_array_equal(x.array if isinstance(x, Value) else x, old)
        if isinstance(x, Value):
            assert x._version == 0
            x.grad = None  # with create_graph it refers to the graph, and that to x


# Only rules call this one: what they get may be repeated, and refuses writes for that reason.
SHARES = {"arithmetic.expand"}
# And these are given a copy that nobody else holds.
SHARES |= {"shape._unsafe_view", "linalg._the_row"}
# And these leave it to the user, as their name says.
SHARES |= {"splitting._unsafe_split", "splitting._unsafe_split_with_sizes"}


@EACH_CASE
def test_only_views_share_memory_with_an_input(case: Case) -> None:
    args = leaves(case)
    results = case.apply(*args)
    results = results if isinstance(results, tuple) else (results,)
    arrays = [x.array if isinstance(x, Value) else x for x in args]
    for out in results:
        shared = any(isinstance(x, np.ndarray) and np.shares_memory(x, out.array) for x in arrays)
        if out._is_view():
            assert shared or out.array.size == 0
            assert out._base is args[0]
        else:
            assert not shared or case.name in SHARES
            if case.name == "arithmetic.expand":
                assert out.version is args[0].version  # a write to its cotangent shows


@EACH_CASE
def test_results_are_arrays_and_know_their_node(case: Case) -> None:
    declared = case.apply.primitive
    args = leaves(case)
    results = case.apply(*args)
    results = results if isinstance(results, tuple) else (results,)
    assert len(results) == len(declared.outputs) or not declared.outputs  # any number
    for out in results:
        assert type(out.array) is np.ndarray
    recorded = declared.joint is not None or any(declared.rules.values())
    assert results[0].requires_grad == (recorded and bool(case.differentiable))
    if results[0].requires_grad:
        assert results[0].grad_fn.name() == declared.name


@EACH_DIFFERENTIABLE
def test_nothing_is_recorded_under_no_grad(case: Case) -> None:
    with minigrad.no_grad():
        out = first(case.apply(*leaves(case)))
    assert out.grad_fn is None


@EACH_DIFFERENTIABLE
def test_a_rule_called_on_arrays_gives_an_array(case: Case) -> None:
    out = case.apply(*case.args)
    assert not isinstance(first(out), Value)


@EACH_DIFFERENTIABLE
def test_no_cycle_keeps_the_graph_alive(case: Case) -> None:
    for create_graph in (False, True):
        dies_without_gc(case, create_graph)


def dies_without_gc(case: Case, create_graph: bool) -> None:
    gc.disable()
    try:
        args = leaves(case)
        out = first(case.apply(*args))
        dying = [weakref.ref(x) for x in args if isinstance(x, Value)] + [weakref.ref(out)]
        if out.requires_grad:
            dying.append(weakref.ref(out.grad_fn))
            xs = [args[i] for i in case.differentiable]
            minigrad.autograd.grad(
                out, xs, wrap(np.ones(out.shape)), create_graph=create_graph, allow_unused=True
            )
            del xs
        del args, out
        assert [ref() for ref in dying] == [None] * len(dying)
    finally:
        gc.enable()


# The words a rule may use. On tensors numpy's functions do what minigrad.numpy_protocols says; a
# method is looked up on the tensor itself, where torch's and numpy's often differ in meaning.

ALLOWED_NUMPY = [*UFUNCS, *FUNCTIONS]
ALLOWED_ATTRIBUTES = {"shape", "ndim", "dtype", "T", "reshape"}
ALLOWED_ATTRIBUTES |= {"append", "index"}  # of lists and tuples
ALLOWED_CALLS = {"float", "len", "range", "tuple", "enumerate", "slice", "list", "zip"}


@cache
def trees(module: Any) -> list[ast.AST]:
    return list(ast.walk(ast.parse(inspect.getsource(module))))


def body(function: Any) -> list[ast.AST]:
    """The syntax trees of a function's statements, or of a lambda's expression."""
    # The first instruction, of no width, belongs to no expression.
    places = [(a, c, b, d) for a, b, c, d in function.__code__.co_positions() if d]
    for node in trees(inspect.getmodule(function)):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            return list(node.body)
        if isinstance(node, ast.Lambda):
            x = node.body
            start, end = (x.lineno, x.col_offset), (x.end_lineno, x.end_col_offset)
            if all(start <= (a, b) and (c, d) <= end for a, b, c, d in places):
                return [x]
    raise AssertionError(f"no source found for {function}")


def rules() -> list[tuple[str, Any]]:
    found = []
    for name, apply in PRIMITIVES.items():
        declared = apply.primitive
        given = dict(declared.rules) | ({"joint": declared.joint} if declared.joint else {})
        found += [(f"{name}.{x}", rule) for x, rule in given.items() if rule is not None]
    return found


def misuses(function: Any, seen: set[Any]) -> list[str]:
    """The calls and attributes of a rule, and of plain functions it calls, that are not allowed."""
    if function in seen:
        return []
    seen.add(function)
    found = []
    names = function.__globals__
    for node in [node for part in body(function) for node in ast.walk(part)]:
        if isinstance(node, ast.Attribute):
            text = ast.unparse(node)
            if ast.unparse(node.value) == "np":
                if getattr(np, node.attr) not in ALLOWED_NUMPY:
                    found.append(text)
            elif text != "np.add.reduce" and node.attr not in ALLOWED_ATTRIBUTES:
                found.append(text)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = names.get(node.func.id)
            if node.func.id in ALLOWED_CALLS or getattr(called, "primitive", None):
                continue
            if not isinstance(called, FunctionType):
                found.append(node.func.id)
            else:
                found += misuses(called, seen)
    return found


@pytest.mark.parametrize("name, rule", rules(), ids=[name for name, _ in rules()])
def test_rules_use_only_words_that_mean_the_same_on_tensors(name, rule) -> None:
    assert misuses(rule, set()) == []


def test_a_rule_with_a_word_of_its_own_is_found_out() -> None:
    assert misuses(lambda g, x: g.std() * x, set()) == ["g.std"]
    assert misuses(lambda g, x: np.asarray(g) * x.max(0), set()) == ["np.asarray", "x.max"]
    assert misuses(lambda g, x: np.where(x > 0, g.reshape(x.shape), 0.0), set()) == []


# The declaration.


def test_names_say_what_is_saved() -> None:
    """A rule's parameters are what the node saves, each once and nothing else."""
    f = primitive(
        "FBackward0",
        lambda x, y: x * y + y,
        x=lambda g, y, x_shape: g * y.reshape(x_shape),
        y=lambda g, x, y, out: g * (out / y),
    )
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    y = minigrad.tensor([3.0, 4.0], requires_grad=True)
    for xs, saved in [((x, y), 4), ((x, y.detach()), 2), ((x.detach(), y), 3)]:
        assert len(f(*xs).grad_fn.saved) == saved
    f(x, y).sum().backward()
    assert x.grad.tolist() == [3.0, 4.0]
    assert y.grad.tolist() == [2.0, 3.0]


def test_a_rule_for_something_that_is_no_parameter_is_refused() -> None:
    with pytest.raises(TypeError, match=r"FBackward0.*'y'"):
        primitive("FBackward0", lambda x: x, y=lambda g: g)


def test_a_rule_that_takes_an_unknown_name_is_refused() -> None:
    with pytest.raises(TypeError, match="'oot'"):
        primitive("FBackward0", lambda x: x, x=lambda g, oot: g * oot)


def test_a_rule_of_the_wrong_shape_is_refused() -> None:
    f = primitive("FBackward0", lambda x: x.sum(), x=lambda g, x_shape: g.reshape(1, 1, 1))
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="invalid gradient"):
        f(x).backward()


def test_a_wrong_rule_fails_gradcheck(monkeypatch) -> None:
    """The tests above are worth what they would find."""
    wrong = primitive("ExpBackward0", np.exp, x=lambda g, out: g * out * 1.0001)
    monkeypatch.setitem(PRIMITIVES, "elementwise._exp", wrong)
    with pytest.raises(AssertionError):
        test_gradcheck.of_case(Case("elementwise._exp", 0))


def test_the_pass_itself_on_bare_values() -> None:
    square = primitive("SquareBackward0", np.square, x=lambda g, x: 2 * g * x)
    x = Value(np.array([1.0, 2.0]), requires_grad=True)
    y = square(x)
    run([(edge_of(y), np.array([10.0, 100.0]))])
    assert x.grad.array.tolist() == [20.0, 400.0]
