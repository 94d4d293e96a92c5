"""no_grad, enable_grad and set_grad_enabled: as managers, decorators, of generators, by thread."""

import functools
import threading

import pytest

import minigrad
from tests.judge import judged


def probe(t):
    x = t.tensor([1.0], requires_grad=True)
    return t.is_grad_enabled(), (x * 2).requires_grad


@judged
def test_managers_set_the_mode_and_put_it_back(t):
    seen = [probe(t)]
    with t.no_grad():
        seen.append(probe(t))
        with t.enable_grad():
            seen.append(probe(t))
        with t.set_grad_enabled(True):
            seen.append(probe(t))
        seen.append(probe(t))
        with t.set_grad_enabled(False):
            seen.append(probe(t))
    seen.append(probe(t))
    return seen


@judged
def test_an_exception_inside_no_grad_restores_the_mode(t):
    seen = []
    for manager in (t.no_grad, t.enable_grad, lambda: t.set_grad_enabled(False)):
        try:
            with manager():
                seen.append(probe(t))
                raise ValueError
        except ValueError:
            seen.append(probe(t))
    return seen


@judged
def test_an_exception_inside_a_decorated_function_restores_the_mode(t):
    @t.no_grad()
    def fails():
        raise ValueError(str(probe(t)))

    try:
        fails()
    except ValueError as error:
        return str(error), probe(t)


@judged
def test_decorators(t):
    @t.no_grad()
    def called():
        return probe(t)

    @t.no_grad
    def bare():
        return probe(t)

    @t.enable_grad()
    def enabled():
        return probe(t)

    @t.set_grad_enabled(False)
    def switched():
        return probe(t)

    inside = [called(), bare(), enabled(), switched()]
    with t.no_grad():
        inside += [called(), bare(), enabled(), switched()]
    return inside, probe(t)


@judged
def test_a_decorated_function_keeps_its_name_arguments_and_result(t):
    @t.no_grad()
    def add(a, b=1, *, c=0):
        """Adds."""
        return a + b + c

    return add.__name__, add.__doc__, add(1), add(1, 2), add(1, b=5, c=10)


@judged
def test_a_decorated_function_may_call_itself(t):
    @t.no_grad()
    def count(n):
        return [probe(t)] if n == 0 else [*count(n - 1), probe(t)]

    return count(3), probe(t)


@judged
def test_a_decorated_method(t):
    class Model:
        @t.no_grad()
        def forward(self, x):
            return (x * 2).requires_grad, self.name

        name = "model"

    return Model().forward(t.tensor([1.0], requires_grad=True))


@judged
def test_one_manager_used_again_and_nested_in_itself(t):
    manager = t.no_grad()
    seen = []
    with manager:
        seen.append(probe(t))
    seen.append(probe(t))
    with manager:
        seen.append(probe(t))
    seen.append(probe(t))
    return seen


@judged
def test_set_grad_enabled_as_a_function(t):
    try:
        t.set_grad_enabled(False)
        seen = [probe(t)]
        with t.set_grad_enabled(True):
            seen.append(probe(t))
        seen.append(probe(t))
        t.set_grad_enabled(True)
        seen.append(probe(t))
    finally:
        t.set_grad_enabled(True)
    return seen


@pytest.mark.parametrize("wanted", [1, None, "False"])
@judged(raises="must be bool")
def test_set_grad_enabled_takes_a_bool(t, wanted):
    t.set_grad_enabled(wanted)


@judged
def test_the_mode_by_its_name_and_a_clone(t):
    with t.set_grad_enabled(mode=False):
        seen = [probe(t)]
    with t.no_grad().clone():
        seen.append(probe(t))
    return [*seen, probe(t), type(t.inference_mode().clone()).__name__]


@judged
def test_a_manager_that_is_only_made_changes_nothing(t):
    t.no_grad()
    t.enable_grad()
    return probe(t)


@judged
def test_a_generator_function_runs_in_the_mode_and_its_caller_does_not(t):
    @t.no_grad()
    def steps():
        received = yield probe(t)
        while received != "end":
            received = yield received, probe(t)
        return "returned", probe(t)

    seen = []
    generator = steps()
    seen += [next(generator), probe(t)]
    seen += [generator.send("a"), probe(t)]
    with t.no_grad():
        seen += [generator.send("b"), probe(t)]
    seen.append(probe(t))
    try:
        generator.send("end")
    except StopIteration as end:
        seen += [end.value, probe(t)]
    return seen


@judged
def test_a_generator_function_in_which_the_mode_is_enabled(t):
    @t.enable_grad()
    def steps():
        yield probe(t)
        yield probe(t)

    with t.no_grad():
        return [(inside, probe(t)) for inside in steps()]


@judged
def test_throwing_into_and_closing_a_generator(t):
    seen = []

    @t.no_grad()
    def steps():
        try:
            yield probe(t)
        except KeyError:
            seen.append(probe(t))
            yield "caught"
        finally:
            seen.append(("closed", probe(t)))

    generator = steps()
    seen += [next(generator), generator.throw(KeyError()), probe(t)]
    generator.close()
    seen.append(probe(t))
    generator = steps()
    next(generator)
    try:
        generator.throw(ValueError())
    except ValueError:
        seen.append(probe(t))
    return seen


@judged
def test_every_thread_starts_with_recording_on_and_has_its_own_mode(t):
    seen = []

    def work():
        seen.append(probe(t))
        with t.no_grad():
            seen.append(probe(t))
        t.set_grad_enabled(False)
        seen.append(probe(t))

    with t.no_grad():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        seen.append(probe(t))
    return seen, probe(t)


def test_threads_that_run_at_once_do_not_disturb_each_other() -> None:
    barrier = threading.Barrier(8, timeout=30)
    wrong = []

    def work(recording: bool) -> None:
        x = minigrad.tensor([2.0], requires_grad=True)
        barrier.wait()
        for _ in range(200):
            with minigrad.set_grad_enabled(recording):
                y = x * x
            if y.requires_grad != recording:
                wrong.append(recording)
            if recording:
                x.grad = None
                y.backward()
                if x.grad.item() != 4.0:
                    wrong.append(x.grad)

    threads = [threading.Thread(target=work, args=(i % 2 == 0,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@judged
def test_backward_of_a_graph_made_in_another_thread(t):
    x = t.tensor([3.0], requires_grad=True)
    made = []
    thread = threading.Thread(target=lambda: made.append(x * x))
    thread.start()
    thread.join()
    made[0].backward()
    return x


@judged
def test_results_under_no_grad(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    with t.no_grad():
        results = [x * 2, x.sum(), x.exp(), x @ x, t.cat([x, x]), x.max(0).values, x.clone()]
        new_leaf = t.tensor([1.0], requires_grad=True)
    return results, new_leaf, (x * new_leaf)


@judged
def test_requires_grad_does_not_spread_under_no_grad_but_the_leaf_keeps_it(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    with t.no_grad():
        x.mul_(3)
        y = x + 1
    (x * y).sum().backward()
    return x, y


def test_a_generator_that_ends_at_once() -> None:
    @minigrad.no_grad()
    def nothing():
        return 5
        yield

    with pytest.raises(StopIteration) as end:
        next(nothing())
    assert end.value.value == 5


@judged
def test_a_decorated_generator_function_is_given_its_arguments(t):
    @t.no_grad()
    def scaled(x, by=1.0):
        yield x * by, t.is_grad_enabled()

    x = t.tensor([1.0, 2.0], requires_grad=True)
    return list(scaled(x, by=3.0)), list(scaled(x))


@judged
def test_callables_that_are_no_functions_can_be_decorated(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    return t.no_grad()(functools.partial(t.mul, x))(x), t.no_grad()(max)(2, 3), probe(t)
