"""gradcheck and gradgradcheck: they pass what is right, and show what is wrong."""

import functools
import inspect
import re
import warnings
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.autograd import gradcheck, gradgradcheck
from minigrad.autograd.gradcheck import GradcheckError, random_cotangent, rules_behind
from minigrad.autograd.primitive import primitive
from minigrad.autograd.wide import wide_primitive
from tests.judge import both, both_raise, data, judged


def tensor(t, *shape, seed=0, requires_grad=True, dtype="float64"):
    values = data(*shape, low=0.5, high=2.0, seed=seed)
    return t.tensor(values, dtype=getattr(t, dtype), requires_grad=requires_grad)


RIGHT = {
    "exp": (lambda t: lambda x: x.exp(), [(3,)]),
    "0-d": (lambda t: lambda x: x * x, [()]),
    "empty": (lambda t: lambda x: x * x, [(0,)]),
    "broadcast": (lambda t: lambda x, y: x * y / (x + y), [(2, 3), (3,)]),
    "product": (lambda t: lambda x, y: (x @ y).tanh(), [(2, 3), (3, 2)]),
    "two outputs": (lambda t: lambda x: (x**2, x.sum()), [(2, 2)]),
    "index output": (lambda t: lambda x: x.max(1), [(2, 3)]),
    "a constant output": (lambda t: lambda x: (x.sin(), t.ones(2)), [(2,)]),
    "linear": (lambda t: lambda x: 3 * x, [(2,)]),
    "unused": (lambda t: lambda x, y: x**2, [(2,), (2,)]),
}
SETTINGS = [
    {},
    {"fast_mode": True},
    {"check_batched_grad": True},
    {"check_forward_ad": True},
    {"check_forward_ad": True, "check_backward_ad": False},
    {"check_undefined_grad": False, "check_grad_dtypes": True},
    {"eps": 1e-5, "atol": 1e-4, "rtol": 1e-2, "nondet_tol": 1e-8, "masked": False},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("name", RIGHT)
@judged
def test_right(t, name, settings):
    f, shapes = RIGHT[name]
    xs = tuple([tensor(t, *s, seed=i) for i, s in enumerate(shapes)])
    return t.autograd.gradcheck(f(t), xs, **settings), [x.grad for x in xs], list(xs)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"fast_mode": True},
        {"gen_non_contig_grad_outputs": True},
        {"check_batched_grad": True},
        {"check_fwd_over_rev": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", [name for name in RIGHT if name != "linear"])
@judged
def test_right_twice(t, name, settings):
    f, shapes = RIGHT[name]
    xs = tuple([tensor(t, *s, seed=i) for i, s in enumerate(shapes)])
    return t.autograd.gradgradcheck(f(t), xs, **settings)


@judged
def test_cotangents_may_be_given(t):
    x, v = tensor(t, 2), tensor(t, 2, seed=1)
    return t.autograd.gradgradcheck(lambda x: x**3, x, v), t.autograd.gradgradcheck(
        lambda x: x**3, (x,), [v]
    )


@judged
def test_inputs_that_do_not_require_grad_are_left_alone(t):
    x, c = tensor(t, 2), tensor(t, 2, requires_grad=False)
    return t.autograd.gradcheck(lambda x, c, n: x * c * n, (x, c, 3.0))


# Detaching a part gives a wrong derivative in both libraries.

WRONG = {
    "half": (lambda t: lambda x: x * x.detach(), [(2, 2)]),
    "second input": (lambda t: lambda x, y: x * y.detach() + y, [(2,), (2,)]),
    "second output": (lambda t: lambda x: (x * 2, x * x.detach()), [(2,)]),
    "kink": (lambda t: lambda x: (x - x.detach()).abs(), [(2,)]),
}


@pytest.mark.parametrize("settings", SETTINGS[:2], ids=str)
@pytest.mark.parametrize("name", list(WRONG)[:3])
@judged(raises=r"Jacobian mismatch for output \d with respect to input \d,")
def test_wrong(t, name, settings):
    f, shapes = WRONG[name]
    xs = tuple([tensor(t, *s, seed=i) for i, s in enumerate(shapes)])
    t.autograd.gradcheck(f(t), xs, **settings)


@judged(raises="Jacobian mismatch for output 0 with respect to input 0,")
def test_wrong_at_a_second_look(t):
    """The derivative is right, its own derivative is not."""
    t.autograd.gradgradcheck(lambda x: x * (x.detach() * 2) - x.detach() ** 2, tensor(t, 2))


@judged(raises="Jacobian computed with forward mode mismatch for output 0 with respect to input 0,")
def test_wrong_in_forward_mode(t):
    x = tensor(t, 2)
    t.autograd.gradcheck(
        lambda x: x * x.detach(), x, check_forward_ad=True, check_backward_ad=False
    )


@judged
def test_false_instead_of_an_error(t):
    x = tensor(t, 2)
    return [
        t.autograd.gradcheck(lambda x: x * x.detach(), x, raise_exception=False),
        t.autograd.gradgradcheck(lambda x: (x.detach() * x) * x, x, raise_exception=False),
    ]


@judged(raises="Numerical gradient for function expected to be zero")
def test_no_output_that_requires_grad(t):
    t.autograd.gradcheck(lambda x: x.detach() * 2, tensor(t, 2))


@judged
def test_no_output_that_requires_grad_nor_changes(t):
    return t.autograd.gradcheck(lambda x: t.ones(2), tensor(t, 2), check_undefined_grad=False)


@judged
def test_a_stride_of_nothing_for_one_element(t):
    x = t.ones(2, dtype=t.float64).as_strided((1, 2), (0, 1)).requires_grad_()
    return t.autograd.gradcheck(lambda x: x * 2, x)


REFUSED = {
    "nothing requires grad": lambda t: t.autograd.gradcheck(
        lambda x: x, tensor(t, 2, requires_grad=False)
    ),
    "expanded": lambda t: t.autograd.gradcheck(lambda x: x, tensor(t, 1).expand(3)),
    "other shapes nearby": lambda t: t.autograd.gradcheck(
        lambda x: x[: 1 + int(float(x.sum()) > 2)],
        t.tensor([1.0, 1.0], dtype=t.float64, requires_grad=True),
    ),
    "no mode": lambda t: t.autograd.gradcheck(lambda x: x, tensor(t, 2), check_backward_ad=False),
    "batched without backward": lambda t: t.autograd.gradcheck(
        lambda x: x,
        tensor(t, 2),
        check_backward_ad=False,
        check_forward_ad=True,
        check_batched_grad=True,
    ),
    "batched forward without forward": lambda t: t.autograd.gradcheck(
        lambda x: x, tensor(t, 2), check_batched_forward_grad=True
    ),
    "no mode twice": lambda t: t.autograd.gradgradcheck(
        lambda x: x, tensor(t, 2), check_rev_over_rev=False
    ),
    "undefined without reverse": lambda t: t.autograd.gradgradcheck(
        lambda x: x, tensor(t, 2), check_rev_over_rev=False, check_fwd_over_rev=True
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@judged(raises=".")
def test_refused(t, name):
    REFUSED[name](t)


@judged
def test_a_warning_for_float32(t):
    x = tensor(t, 2, dtype="float32")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        t.autograd.gradcheck(lambda x: x * 2, x, eps=1e-2, atol=1e-2)
    return [(w.category.__name__, str(w.message)) for w in caught][:1]


@judged
def test_the_error_is_a_runtime_error_in_the_module(t):
    import importlib

    module = importlib.import_module(f"{t.__name__}.autograd.gradcheck")
    error = module.GradcheckError
    return error.__mro__[1].__name__, callable(t.autograd.gradcheck)


# Custom functions, the same in both.


def not_linear(t):
    class NotLinear(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g * 0 + 1

    return NotLinear.apply


def draws(t):
    calls = []

    class Draws(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            calls.append(1)
            return g + g * 1e-9 * len(calls)

    return Draws.apply


def wants_all(t):
    class WantsAll(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 1, x * 2

        @staticmethod
        def backward(ctx, g, h):
            if g is None and h is None:
                raise RuntimeError("nothing there")
            return (0 if g is None else g) + (0 if h is None else 2 * h)

    return lambda x: WantsAll.apply(x)


@pytest.mark.parametrize("make", [not_linear, draws], ids=["not linear", "draws"])
@judged(raises="Jacobian|not multiplied|not reentrant")
def test_custom_functions(t, make):
    t.autograd.gradcheck(make(t), tensor(t, 1))


@pytest.mark.torch
def test_undefined_gradients() -> None:
    def run(t):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            t.autograd.gradcheck(wants_all(t), tensor(t, 2))

    both_raise(run, "Expected backward function to handle undefined output grads")


# What the message shows.

wrong_exp = primitive(
    "WrongExpBackward0",
    np.exp,
    x=lambda g, out: g * (out + (out > 2)),
)
wrong_mul = primitive(
    "WrongMulBackward0",
    np.multiply,
    a=lambda g, b: g * b,
    b=lambda g, a: g * a * 1.5,
)
wrong_pair = wide_primitive(
    "WrongPairBackward0",
    lambda x: (x * 2, x * x),
    joint=lambda g_a, g_b, x: (g_a * 2 + g_b * x,),
    outputs=("a", "b"),
)


def message_of(f, *xs, **settings) -> str:
    with pytest.raises(GradcheckError) as caught:
        gradcheck(f, xs, **settings)
    return str(caught.value)


def leaf(*values):
    return minigrad.tensor(list(values), dtype=minigrad.float64, requires_grad=True)


@pytest.mark.parametrize("settings", [{}, {"fast_mode": True}], ids=str)
def test_a_wrong_rule_is_shown_with_the_worst_entry(settings) -> None:
    x = minigrad.tensor([[0.1, 0.2], [0.3, 1.0]], dtype=minigrad.float64, requires_grad=True)
    text = message_of(wrong_exp, x, **settings)
    assert text.startswith("Jacobian mismatch for output 0 with respect to input 0,\nnumerical:")
    assert "1 of 16 entries differ. The worst is [3, 3]," in text
    assert "d output 0[1, 1] / d input 0[1, 1]: analytic 3.71828, numeric 2.71828" in text
    assert "The output comes from WrongExpBackward0. Its rules:" in text
    assert "x=lambda g, out: g * (out + (out > 2))," in text
    assert re.search(r"x, .*test_gradcheck\.py:\d+", text)


def test_of_two_operands_the_wrong_one_is_named() -> None:
    text = message_of(wrong_mul, leaf(1.0, 2.0), leaf(3.0, 4.0))
    assert text.startswith("Jacobian mismatch for output 0 with respect to input 1,")
    assert "d output 0[1] / d input 1[1]: analytic 3, numeric 2" in text
    assert "b=lambda g, a: g * a * 1.5," in text


def test_a_joint_rule() -> None:
    text = message_of(lambda x: wrong_pair(x), leaf(1.0, 3.0))
    assert text.startswith("Jacobian mismatch for output 1 with respect to input 0,")
    assert "joint=lambda g_a, g_b, x: (g_a * 2 + g_b * x,)," in text


def test_what_came_before_is_named() -> None:
    text = message_of(lambda x: wrong_exp(x * 3) + 1, leaf(1.0))
    assert (
        "The output comes from AddBackward0 (and before that MulBackward0, WrongExpBackward0"
        in text
    )


def test_a_custom_function_shows_its_backward() -> None:
    class Wrong(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 3

    text = message_of(Wrong.apply, leaf(1.0))
    assert "The output comes from WrongBackward. Its rules:" in text
    assert "return g * 3" in text


def test_a_rule_without_source_is_shown_as_it_is() -> None:
    class Wrong(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        backward = staticmethod(functools.partial(lambda k, ctx, g: g * k, 3.0))

    text = message_of(Wrong.apply, leaf(1.0))
    assert "WrongBackward. Its rules:\n  backward: functools.partial(" in text


def test_what_only_fast_mode_refuses() -> None:
    """Each entry is within 5%, the projection of opposite ones is not."""

    def close(t: Any) -> Any:
        factors = t.tensor([100.0, -100.0] * 4, dtype=t.float64)

        class Close(t.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return (x * factors).sum()

            @staticmethod
            def backward(ctx, g):
                return g * (factors + 4)

        x = t.ones(8, dtype=t.float64, requires_grad=True)
        check = functools.partial(t.autograd.gradcheck, Close.apply, (x,), rtol=0.05)
        assert check()
        return check(fast_mode=True)

    both_raise(close, "Jacobian mismatch for output 0 with respect to input 0")
    with pytest.raises(GradcheckError, match=r"agree: fast_mode=False would pass\."):
        close(minigrad)


def test_a_nan_is_the_worst() -> None:
    text = message_of(lambda x: minigrad.where(x > 1, x, (x * 0).sqrt()), leaf(0.5, 3.0))
    assert "d output 0[0] / d input 0[0]: analytic nan, numeric" in text


def test_a_wrong_second_derivative() -> None:
    second = primitive(
        "WrongBackward0",
        np.sin,
        x=lambda g, x: g * np.cos(x.detach() if hasattr(x, "detach") else x),
    )
    x = leaf(0.3, 0.4)
    assert gradcheck(lambda x: second(x), x)
    with pytest.raises(GradcheckError, match="Jacobian mismatch for output 0"):
        gradgradcheck(lambda x: second(x), x)


def test_the_inputs_are_as_before() -> None:
    x = leaf(0.1, 0.7)
    before = x.detach().numpy().copy()
    with pytest.raises(ZeroDivisionError):
        gradcheck(lambda y: y * (1 / 0 if float(y[0]) > 0.1 else 1), x)
    np.testing.assert_array_equal(x.detach().numpy(), before)
    assert (x._version, x.grad) == (0, None)


def test_entries_within_the_relative_tolerance_are_not_counted() -> None:
    class Off(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * minigrad.tensor([100.0, 1.0], dtype=minigrad.float64)

        @staticmethod
        def backward(ctx, g):
            return g * minigrad.tensor([101.0, 2.0], dtype=minigrad.float64)

    text = message_of(Off.apply, leaf(1.0, 2.0), rtol=0.05)
    assert "1 of 4 entries differ. The worst is [1, 1]," in text


@pytest.mark.torch
@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("f", [lambda x: x.detach() * 3, lambda x: x.detach() * 0, None])
def test_an_output_that_requires_no_grad_is_not_looked_at_unless_all_are(f, backward):
    settings = {"check_forward_ad": True, "check_backward_ad": backward}
    both(
        lambda t: t.autograd.gradcheck(lambda x: (x * 2, x.detach() * 3), tensor(t, 2), **settings)
    )
    f = f or (lambda x: (x.detach().sum() * 0, x.argmax()))
    both(lambda t: t.autograd.gradcheck(f, tensor(t, 2), **settings))


# Verdicts at the edge of the tolerances, which are 1e-5 and a thousandth.


def nearly(t, forward, slope, off):
    """A function whose derivative is off by so much."""

    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (slope(x) + off)

    def apply(ctx, x):
        ctx.save_for_backward(x)
        return forward(x)

    methods = {"forward": staticmethod(apply), "backward": staticmethod(backward)}
    return type("Nearly", (t.autograd.Function,), methods).apply


ERRORS = [0, 0.9e-5, 1.1e-5, 0.0019, 0.0021, -0.0019, -0.0021, 0.5]
VERDICTS = [
    {},
    {"rtol": 0.0},
    {"atol": 0.0},
    {"atol": 0.1},
    {"eps": 0.1},
    {"rtol": 0.5},
    {"fast_mode": True},
    {"check_undefined_grad": False},
]


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:Input #0 requires gradient")
@pytest.mark.parametrize("settings", VERDICTS, ids=str)
@pytest.mark.parametrize("name", ["gradcheck", "gradgradcheck"])
def test_verdicts(name, settings):
    def snippet(t, off, steep):
        slope = nearly(t, lambda x: steep * x, lambda x: steep, off)
        x = t.tensor([0.5, -1.5, 0.25], dtype=t.float64, requires_grad=True)
        given = {"raise_exception": False, **settings}
        if name == "gradcheck":
            return t.autograd.gradcheck(slope, x, **given)
        f = nearly(t, lambda x: steep * x * x / 2, slope, 0)
        ones = t.ones(3, dtype=t.float64, requires_grad=True)
        return t.autograd.gradgradcheck(f, x, ones, **given)

    for off in ERRORS:
        for steep in (0, 2):
            both(lambda t, off=off, steep=steep: snippet(t, off, steep))


@pytest.mark.torch
@pytest.mark.parametrize("step", [{}, {"eps": 0.5}, {"eps": 0.001}], ids=str)
@pytest.mark.parametrize("name", ["gradcheck", "gradgradcheck"])
def test_verdicts_on_what_is_curved(name, step):
    """A difference over a wide step is no derivative of a cube."""

    def snippet(t, fast):
        x = t.tensor([0.5, -1.5], dtype=t.float64, requires_grad=True)
        settings = {"fast_mode": fast, "raise_exception": False, **step}
        return getattr(t.autograd, name)(lambda x: x**4, x, **settings)

    for fast in (False, True):
        both(lambda t, fast=fast: snippet(t, fast))


@pytest.mark.torch
@pytest.mark.parametrize("i, j", [(0, 0), (0, 1), (1, 0), (2, 1)])
def test_the_pair_that_is_wrong(i, j):
    """Of two inputs and of outputs of which one does not require grad."""

    def snippet(t, fast=False):
        wrong = nearly(t, lambda x: 3 * x, lambda x: 3, 1)
        x = t.tensor([0.5, 0.25], dtype=t.float64, requires_grad=True)
        y = t.tensor([[1.5], [2.0]], dtype=t.float64, requires_grad=True)

        def f(x, y):
            parts = [x * 2 + y, x.sum() * y, (x * y).sum(), (y * y * x).sum(0)]
            where = 0 if i == 0 else i + 1
            parts[where] = parts[where] + wrong(x if j == 0 else y).sum()
            return parts[0], parts[1].detach() * 0, parts[2], parts[3]

        return t.autograd.gradcheck(f, (x, y), fast_mode=fast)

    both_raise(snippet, f"output {i} with respect to input {j},")
    with pytest.raises(GradcheckError, match=f"output {i} with respect to input {j},"):
        snippet(minigrad, fast=True)  # torch's fast mode fails at these shapes


@pytest.mark.torch
@pytest.mark.parametrize("tolerance", [0.0, 1e-3, 3e-3])
def test_verdicts_on_noise(tolerance):
    def snippet(t):
        calls = []

        class Noisy(t.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 2

            @staticmethod
            def backward(ctx, g):
                calls.append(1)
                return g * (2 + 1e-3 * (len(calls) % 3))

        x = t.tensor([0.5], dtype=t.float64, requires_grad=True)
        return t.autograd.gradcheck(
            Noisy.apply, x, rtol=0.1, nondet_tol=tolerance, raise_exception=False
        )

    both(snippet)


@pytest.mark.parametrize("name", ["gradcheck", "gradgradcheck"])
@judged
def test_defaults(t, name):
    parameters = inspect.signature(getattr(t.autograd, name)).parameters.values()
    return [(p.name, p.kind.name, p.default is p.empty or p.default) for p in parameters]


def test_a_wrong_tangent_is_shown_beside_the_difference():
    class Wrong(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def jvp(ctx, tangent):
            return tangent * 3

    x = tensor(minigrad, 1)
    with pytest.raises(GradcheckError) as caught:
        gradcheck(Wrong.apply, x, check_forward_ad=True, check_backward_ad=False)
    numerical, analytical = re.findall(r"(\d\.\d*)\]", str(caught.value))[:2]
    assert (float(numerical), float(analytical)) == (2, 3)


def test_a_node_without_rules_is_said_to_have_none():
    x = tensor(minigrad, 2)
    y = x.clone()
    y[0].mul_(2)
    assert list(rules_behind(y, x))[-1] == "  (not declared in Python source)"


@judged
@pytest.mark.parametrize("apart", [False, True])
def test_cotangents_with_gaps_between(t, apart):
    seen = set()

    class Looks(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            seen.add(g.is_contiguous())
            return g * 1

    t.autograd.gradgradcheck(Looks.apply, tensor(t, 3), gen_non_contig_grad_outputs=apart)
    return False in seen


@judged
def test_arguments_that_are_no_tensors_in_forward_mode(t):
    x = t.ones(2, dtype=t.float64, requires_grad=True)
    return t.autograd.gradcheck(
        lambda x, n, how: x**n if how else x, (x, 2, "so"), check_forward_ad=True
    )


@judged(raises="one of two is missing")
def test_each_of_two_cotangents_may_be_undefined(t):
    class Both(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, g, h):
            if (g is None) != (h is None):
                raise RuntimeError("one of two is missing")
            return None if g is None else g * 2 + h * 3

    t.autograd.gradcheck(Both.apply, tensor(t, 2))


@judged
def test_which_of_two_projections_is_the_analytical_one(t):
    """The wrong derivative is twice the right one; the vectors are random in torch."""

    class Twice(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 4

    with pytest.raises(RuntimeError, match=r"in fast mode|as fast_mode compares") as error:
        t.autograd.gradcheck(Twice.apply, tensor(t, 2), fast_mode=True)
    shown = dict(re.findall(r"(numerical|analytical):([\d.]+)", str(error.value)))
    return round(float(shown["analytical"]) / float(shown["numerical"]), 5)


def test_random_cotangents_are_of_both_signs() -> None:
    y = minigrad.zeros(100, dtype=minigrad.float64)
    values = random_cotangent(y, np.random.RandomState(0), False).tolist()
    assert min(values) < -0.5 < 0.5 < max(values)
