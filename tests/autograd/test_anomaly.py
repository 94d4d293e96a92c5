"""Anomaly detection: the operation behind a NaN or an exception, and the line that called it."""

import gc
import subprocess
import sys
import warnings
import weakref

import pytest

import minigrad
from minigrad.autograd.node import Node
from minigrad.autograd.primitive import watched
from minigrad.autograd.value import mode
from tests.judge import both, data, judged


def failing(t):
    class Failing(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            raise ValueError("on purpose")

    return Failing


PROGRAMS = {
    "sqrt": lambda t, x: (-x * x).sqrt().sum(),
    "inf times zero": lambda t, x: (x * 0).sqrt().sum(),
    "div": lambda t, x: ((x * 0) / (x * 0).detach()).sum(),
    "second operand": lambda t, x: (x.detach() * 0 / (x * 0)).sum(),
    "function": lambda t, x: failing(t).apply(x).sum(),
    "write": lambda t, x: (x * 0).sqrt_().sum(),
    "write to a view": lambda t, x: (y := -x * x, y[:2].sqrt_(), y.sum())[2],
    "fine": lambda t, x: x.exp().sum(),
}


def warned(caught):
    lines = [str(w.message).lstrip("\n").split("\n")[0].split(" (Triggered")[0] for w in caught]
    return [line for line in lines if "has been enabled" not in line and line]


def outcome(t, work):
    """The error, and the first lines of the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = work(t)
        except (RuntimeError, ValueError) as error:
            result = type(error).__name__, str(error).split(". ")[0].rstrip(".")
    return result, warned(caught), t.is_anomaly_enabled(), t.is_anomaly_check_nan_enabled()


@pytest.mark.torch
@pytest.mark.parametrize("check_nan", [True, False])
@pytest.mark.parametrize("name", PROGRAMS)
def test_forward_and_backward(name, check_nan):
    def work(t):
        with t.autograd.detect_anomaly(check_nan=check_nan):
            PROGRAMS[name](t, t.tensor(data(3), requires_grad=True)).backward()

    both(lambda t: outcome(t, work))


LATE = """
import minigrad as torch

x = torch.ones(2, requires_grad=True)
with torch.autograd.detect_anomaly():
    class Late(torch.autograd.Function):
        forward = staticmethod(lambda ctx, x: x * 2)
        backward = staticmethod(lambda ctx, g: g * float("nan"))
    try:
        Late.apply(x).sum().backward()
    except RuntimeError as error:
        print(error)
"""


def test_nodes_of_a_module_imported_since():
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=True)
    assert "Function 'LateBackward' returned nan values in its 0th output." in done.stdout


@pytest.mark.torch
@pytest.mark.parametrize("where", ["forward", "backward"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_only_one_of_them(name, where):
    def work(t):
        x = t.tensor(data(3), requires_grad=True)
        with t.autograd.set_detect_anomaly(where == "forward"):
            y = PROGRAMS[name](t, x)
        with t.autograd.set_detect_anomaly(where == "backward"):
            y.backward()

    both(lambda t: outcome(t, work))


@pytest.mark.torch
def test_second_derivative():
    def work(t):
        x = t.tensor([0.0], requires_grad=True)
        with t.autograd.detect_anomaly():
            (g,) = t.autograd.grad((x**1.5).sum(), x, create_graph=True)
            (g * 0).sqrt().sum().backward()

    both(lambda t: outcome(t, work))


@pytest.mark.torch
def test_parents():
    def work(t):
        x = t.tensor([1.0, 2.0], requires_grad=True)

        class Outer(t.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * 1

            @staticmethod
            def backward(ctx, g):
                return failing(t).apply(g * 1)

        with t.autograd.detect_anomaly():
            (g,) = t.autograd.grad((Outer.apply(x) ** 2).sum(), x, create_graph=True)
            g.sum().backward()

    both(lambda t: outcome(t, work))


@pytest.mark.torch
def test_modes():
    def snippet(t):
        seen = []

        def note():
            seen.append((t.is_anomaly_enabled(), t.is_anomaly_check_nan_enabled()))

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            note()
            t.autograd.set_detect_anomaly(True)
            note()
            with t.autograd.set_detect_anomaly(False):
                note()
                with t.autograd.detect_anomaly(check_nan=False):
                    note()
                note()
            note()
            t.autograd.set_detect_anomaly(False)
            note()
        return seen

    both(snippet)


@pytest.mark.torch
def test_enabling_warns():
    def snippet(t):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            t.autograd.detect_anomaly()
        return str(caught[0].message).split(". ")[0], caught[0].category.__name__

    both(snippet)


def nan_of_a_root(x):
    return (-x).sqrt()  # the line to be found


def test_traceback_points_at_the_line():
    x = minigrad.ones(2, requires_grad=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with minigrad.autograd.detect_anomaly():
            y = nan_of_a_root(x).sum()
            with pytest.raises(RuntimeError, match="'SqrtBackward0' returned nan values in its 0t"):
                y.backward()
    last = str(caught[-1].message).rstrip().split("\n")
    assert last[0].startswith("Error detected in SqrtBackward0. Traceback of forward call")
    assert "the line to be found" in last[-1] or "the line to be found" in last[-2]
    assert __file__ in last[-2] or __file__ in last[-3]


def doubled_in_place(t, x):
    class Doubled(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx, g):
            return g * 2

    return Doubled.apply(x)


NODES = {
    "unbind": lambda t, x: x.unbind()[0],
    "split": lambda t, x: x.split(1)[0],
    "chunk": lambda t, x: x.chunk(1)[0],
    "several operands": lambda t, x: t.cat([x, x]),
    "several outputs": lambda t, x: x.max(0)[0],
    "write": lambda t, x: x.clone().exp_(),
    "write of a number": lambda t, x: x.clone().mul_(2.0),
    "write to a view": lambda t, x: x.clone()[0].exp_(),
    "function": lambda t, x: doubled_in_place(t, x.clone()),
}


@pytest.mark.parametrize("name", NODES)
@judged
def test_nodes_remember_who_made_them(t, name):
    x = t.ones(2, requires_grad=True)
    with t.autograd.set_detect_anomaly(True):
        y = NODES[name](t, x)
    return "test_nodes_remember_who_made_them" in "".join(y.grad_fn.metadata["traceback_"])


def test_off_means_untouched():
    vjp = Node.vjp
    with minigrad.autograd.set_detect_anomaly(True):
        assert Node.vjp is not vjp
    assert Node.vjp is vjp
    assert (mode.watchers, watched) == ((), [])


def test_with_saved_tensors_hooks():
    x = minigrad.ones(2, requires_grad=True)
    hooks = minigrad.autograd.graph.saved_tensors_hooks(lambda x: x, lambda x: x)
    with minigrad.autograd.set_detect_anomaly(True):
        with hooks:
            y = x.exp()
        y.sum().backward()
    assert "traceback_" in y.grad_fn.metadata
    assert (mode.watchers, watched) == ((), [])


def test_no_reference_cycle():
    x = minigrad.ones(2, requires_grad=True)
    gc.disable()
    try:
        with minigrad.autograd.set_detect_anomaly(True):
            y = x.exp()
            node = weakref.ref(y.grad_fn)
            y.sum().backward()
            del y
            assert node() is None
    finally:
        gc.enable()


def line_with(text: str) -> str:
    """The number of this file's line that has ``text``, as a traceback writes it."""
    with open(__file__, encoding="utf-8") as file:
        lines = file.read().split("\n")
    (number,) = [i + 1 for i, line in enumerate(lines) if line.strip() == text]
    return f'File "{__file__}", line {number}, in '


def message_of(program) -> str:
    with pytest.raises(RuntimeError) as caught:
        program()
    return str(caught.value)


# What `report` warns of on the way.
REPORTS = pytest.mark.filterwarnings("ignore:Error detected in")


@REPORTS
def test_a_modified_value_names_the_line_that_saved_it_and_the_one_that_changed_it():
    def program():
        x = minigrad.ones(3, requires_grad=True)
        saved_here = x.exp()
        total = saved_here.sum()
        saved_here.mul_(2)
        total.backward()

    assert "set_detect_anomaly(True)" in message_of(program)
    with minigrad.autograd.set_detect_anomaly(True):
        message = message_of(program)
    saved, changed = message.split("It was saved here:")[1].split("It was last changed here:")
    assert line_with("saved_here = x.exp()") in saved
    assert line_with("saved_here.mul_(2)") in changed


@REPORTS
@pytest.mark.parametrize(
    "write",
    [
        lambda y: y.zero_(),
        lambda y: y.detach().add_(1),
        lambda y: y[0].fill_(2),
        lambda y: y.__setitem__(0, 1.0),
        lambda y: y.detach().copy_(minigrad.zeros(3)),
        lambda y: y.detach().exp_(),
        lambda y: doubled_in_place(minigrad, y.detach()),
        lambda y: minigrad.autograd.graph.increment_version(y),
    ],
)
def test_every_kind_of_write_is_named(write):
    x = minigrad.ones(3, requires_grad=True)
    with minigrad.autograd.set_detect_anomaly(True):
        y = x.exp()
        total = y.sum()
        write(y)
        message = message_of(total.backward)
    changed = message.split("It was last changed here:")[1]
    assert "in <lambda>" in changed or "in doubled_in_place" in changed


@REPORTS
def test_a_second_backward_names_the_line_of_the_first():
    def program():
        total = minigrad.ones(3, requires_grad=True).exp().sum()
        minigrad.autograd.backward(total)
        total.backward()

    assert "set_detect_anomaly(True)" in message_of(program)
    with minigrad.autograd.set_detect_anomaly(True):
        message = message_of(program)
    assert line_with("minigrad.autograd.backward(total)") in message


def test_nothing_is_kept_of_writes_while_it_is_off():
    x = minigrad.ones(3)
    with minigrad.autograd.set_detect_anomaly(True):
        x.mul_(2)
    assert len(x.version) == 2
    y = minigrad.ones(3)
    y.mul_(2)
    assert y.version == [1]


@REPORTS
def test_a_line_whose_source_is_not_at_hand_is_named_alone():
    names = {"x": minigrad.ones(3, requires_grad=True)}

    def program():
        with minigrad.autograd.set_detect_anomaly(True):
            exec(compile("y = x.exp()\ny.mul_(2)\n", "<typed>", "exec"), names)
            names["y"].sum().backward()

    saved, changed = message_of(program).splitlines()[-3::2]
    assert saved == '  File "<typed>", line 1, in <module>'
    assert changed == '  File "<typed>", line 2, in <module>'


@pytest.mark.filterwarnings("ignore")
def test_the_line_of_a_call_is_where_it_begins():
    with minigrad.autograd.detect_anomaly(check_nan=False):
        x = minigrad.ones(2, requires_grad=True) * 1
        y = x.exp()
        with minigrad.no_grad():
            y.mul_(
                2,
            )
        with pytest.raises(RuntimeError, match="modified by an inplace operation") as raised:
            y.sum().backward()
    assert "y.mul_(" in str(raised.value)


def test_what_induced_a_calculation_is_said_with_its_line() -> None:
    x = minigrad.tensor([0.0], requires_grad=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with minigrad.autograd.detect_anomaly():
            (g,) = minigrad.autograd.grad((x**1.5).sum(), x, create_graph=True)
            with pytest.raises(RuntimeError, match="nan"):
                (g * 0).sum().backward()
    said = [str(w.message) for w in caught if "induced by" in str(w.message)]
    assert said, [str(w.message) for w in caught]
    assert "Traceback of forward call that induced the previous calculation:\n" in said[0]
    assert "(x**1.5).sum()" in said[0]


def test_nan_is_checked_unless_it_is_not_to_be() -> None:
    assert not minigrad.is_anomaly_enabled()
    try:
        minigrad.set_anomaly_enabled(True)
        assert minigrad.is_anomaly_check_nan_enabled()
    finally:
        minigrad.set_anomaly_enabled(False)


def test_turning_it_off_leaves_nothing_behind() -> None:
    before = mode.watchers
    minigrad.autograd.set_detect_anomaly(False)
    assert mode.watchers == before
    for _ in range(2):
        minigrad.autograd.set_detect_anomaly(True)
    minigrad.autograd.set_detect_anomaly(False)
    assert mode.watchers == before
