"""What lessons use besides: torch.jit, torch.profiler, torch.utils.benchmark, tensorboard."""

import importlib
import subprocess
import sys
import typing

import pytest

import minigrad
from tests.judge import both, both_raise, judged


@judged
def test_what_is_scripted_or_traced_computes_the_same(t):
    @t.jit.script
    def larger(x, y):
        return x if bool(x.sum() > y.sum()) else y

    x = t.ones(2, 2)
    linear = t.nn.Linear(2, 3)
    with t.no_grad():
        linear.weight.fill_(0.5)
        linear.bias.fill_(1.0)
    traced = t.jit.trace(linear, x)
    return traced(x), traced.weight, t.jit.is_scripting(), t.jit.annotate(int, 3)


def test_scripts_can_be_neither_saved_nor_loaded():
    with pytest.raises(NotImplementedError, match="state_dict"):
        minigrad.jit.save(minigrad.nn.Linear(1, 1), "m.pt")
    with pytest.raises(NotImplementedError, match="interpreter"):
        minigrad.jit.load("m.pt")


@pytest.mark.torch
def test_schedules_of_a_profiler():
    def actions(t, **settings):
        return [t.profiler.schedule(**settings)(step).name for step in range(12)]

    for settings in (
        dict(wait=1, warmup=1, active=2),
        dict(wait=0, warmup=1, active=1, repeat=2, skip_first=3),
    ):
        both(lambda t, settings=settings: actions(t, **settings))
    both_raise(lambda t: t.profiler.schedule(wait=-1, warmup=0, active=1))


def test_a_program_runs_under_the_profiler_which_shows_nothing():
    ready = []
    schedule = minigrad.profiler.schedule(wait=1, warmup=0, active=1, repeat=2)
    with minigrad.profiler.profile(schedule=schedule, on_trace_ready=ready.append) as prof:
        for _ in range(6):
            with minigrad.profiler.record_function("step"):
                prof.step()
    assert ready == [prof, prof]
    with pytest.raises(NotImplementedError, match="cProfile"):
        prof.key_averages()
    with minigrad.autograd.profiler.profile() as prof:
        pass
    with pytest.raises(NotImplementedError):
        prof.table()


def test_a_timer_measures():
    from minigrad.utils.benchmark import Timer

    timer = Timer("time.sleep(n)", "import time", globals={"n": 0.002}, label="nap")
    once = timer.timeit(3)
    assert once.number_per_run == 3
    assert len(once.times) == 1
    assert once.median == once.mean >= 0.002
    several = timer.blocked_autorange(min_run_time=0.01)
    assert len(several.times) > 1
    assert several.median >= 0.002
    assert "nap" in repr(several)
    assert " ms\n" in repr(several)


def test_without_the_package_tensorboard_its_import_fails_as_torchs_does():
    code = "import sys; sys.modules['tensorboard'] = None; import minigrad.utils.tensorboard"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ModuleNotFoundError" in done.stderr
    assert "tensorboard" in done.stderr.splitlines()[-1]


def test_scalars_and_the_others_are_in_the_event_file(tmp_path):
    pytest.importorskip("tensorboard")
    import numpy as np
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from minigrad.utils.tensorboard import SummaryWriter

    with SummaryWriter(tmp_path / "run") as writer:
        for step in range(3):
            writer.add_scalar("loss", minigrad.tensor(0.5 * step, requires_grad=True), step)
        writer.add_scalars("both", {"train": 1.0, "valid": 2.0}, 0)
        writer.add_histogram("weights", minigrad.arange(10.0), 1)
        writer.add_image("image", minigrad.zeros(1, 4, 6), 1)
        writer.add_images("images", minigrad.rand(2, 3, 4, 6), 1)
        writer.add_text("note", "hello", 1)
        writer.add_hparams({"lr": 0.1, "kind": "sgd"}, {"accuracy": 0.9})
        with pytest.warns(UserWarning, match="add_graph"):
            writer.add_graph(minigrad.nn.Linear(1, 1), minigrad.ones(1, 1))
    seen = EventAccumulator(str(tmp_path / "run"))
    seen.Reload()
    assert [(e.step, e.value) for e in seen.Scalars("loss")] == [(0, 0.0), (1, 0.5), (2, 1.0)]
    histogram = seen.Histograms("weights")[0].histogram_value
    assert (histogram.num, histogram.min, histogram.max, histogram.sum) == (10, 0, 9, 45)
    assert sum(histogram.bucket) == 10
    assert [(i.width, i.height) for i in seen.Images("image") + seen.Images("images")] == [
        (6, 4),
        (12, 4),
    ]
    pil = pytest.importorskip("PIL.Image")
    import io

    image = pil.open(io.BytesIO(seen.Images("image")[0].encoded_image_string))
    assert (np.asarray(image) == 0).all()
    assert len(list((tmp_path / "run").iterdir())) == 4  # this run's file, two curves, the hparams


@judged
def test_settings_of_threads_and_repeatability(t):
    t.use_deterministic_algorithms(True, warn_only=True)
    seen = [t.get_deterministic_debug_mode(), t.are_deterministic_algorithms_enabled()]
    t.set_deterministic_debug_mode("error")
    seen.append(t.get_deterministic_debug_mode())
    t.set_deterministic_debug_mode(0)
    return [*seen, t.are_deterministic_algorithms_enabled(), t.is_autocast_enabled()]


@judged(raises="invalid value of debug_mode")
@pytest.mark.parametrize("mode", ["loud", 3])
def test_wrong_debug_modes(t, mode):
    t.set_deterministic_debug_mode(mode)


@judged
def test_what_is_kept_from_a_compiler_computes_the_same(t):
    @t.compiler.disable
    def f(x):
        return x + 1

    @t.compiler.disable(recursive=False)
    def g(x):
        return x * 2

    return f(g(t.ones(2))), t.compiler.is_compiling(), t.compiler.is_dynamo_compiling()


def test_libraries_that_numpy_stands_in_for() -> None:
    for library in ("mkl", "mkldnn", "openmp"):
        assert not getattr(minigrad.backends, library).is_available()


@judged
def test_a_function_that_is_scripted_when_it_is_traced(t):
    @t.jit.script_if_tracing
    def f(x):
        return x + 1

    return f(t.ones(2))


@judged
def test_futures(t):
    futures = t.futures
    first, failed = futures.Future(), futures.Future()
    before, seen = first.done(), []
    after = first.then(lambda done: done.value() + 1)
    first.add_done_callback(lambda done: seen.append(done.value()))
    both = futures.collect_all([first, after])
    first.set_result(3)
    failed.set_exception(ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        failed.wait()
    with pytest.raises(RuntimeError, match="completed Future as complete again"):
        first.set_result(4)
    with pytest.raises(RuntimeError, match="completed"):
        futures.Future().value()
    with pytest.raises(Exception, match="division by zero"):
        first.then(lambda done: 1 / 0).wait()
    results = [each.value() for each in both.wait()]
    assert futures.collect_all([]).wait() == []
    return before, seen, after.wait(), results, futures.wait_all([first, after])


def test_names_that_programs_import_and_do_not_call() -> None:
    from minigrad.hub import load_state_dict_from_url
    from minigrad.nn.modules.fold import Fold
    from minigrad.nn.modules.instancenorm import InstanceNorm2d
    from minigrad.nn.modules.pixelshuffle import PixelShuffle
    from minigrad.nn.modules.upsampling import Upsample
    from minigrad.utils import model_zoo

    for module in (Fold, InstanceNorm2d, PixelShuffle, Upsample):
        assert getattr(minigrad.nn, module.__name__) is module
    for download in (load_state_dict_from_url, model_zoo.load_url):
        with pytest.raises(NotImplementedError, match=r"a\.pth is not downloaded"):
            download("a.pth")


def test_functional_has_torchs_names_and_those_of_nn() -> None:
    torch = pytest.importorskip("torch")
    ours = minigrad.functional
    assert {*torch.functional.__all__} - {*ours.__all__} == {"stft", "istft"}
    assert ours.F is minigrad.nn.functional
    for name in {*ours.__all__} - {"F"}:
        assert getattr(ours, name) is getattr(minigrad, name)


@judged
def test_a_module_is_no_script(t):
    return isinstance(t.nn.Linear(1, 1), t.jit.ScriptModule)


@pytest.mark.parametrize(
    "value, kind",
    [
        ([1], list[int]),
        ([1], list[float]),
        ([1, "a"], typing.List[int]),  # noqa: UP006
        ([], list[int]),
        ({"a": 1}, dict[str, int]),
        ({"a": 1}, dict[int, int]),
        ((1, 2.0), tuple[int, float]),
        ((1,), tuple[int, int]),
        (None, typing.Optional[int]),  # noqa: UP045
        (3.0, typing.Union[int, str]),  # noqa: UP007
        ([[1], [2.0]], list[list[int]]),
        (3, (int, list[int])),
        (True, int),
    ],
)
@pytest.mark.filterwarnings("ignore:The inner type of a container is lost")
def test_isinstance_of_scripts_looks_into_containers(value, kind):
    both(lambda t: t.jit.isinstance(value, kind))


def test_isinstance_of_scripts_asks_for_the_types_in_containers():
    for bare in (list, tuple, dict):
        both_raise(lambda t, bare=bare: t.jit.isinstance([1], bare))


@judged
def test_whether_what_is_not_deterministic_only_warns(t):
    told = []
    for mode, warn_only in ((True, True), (True, False), (False, True)):
        t.use_deterministic_algorithms(mode, warn_only=warn_only)
        told.append(t.is_deterministic_algorithms_warn_only_enabled())
    for mode in ("warn", "error", "default"):
        t.set_deterministic_debug_mode(mode)
        told.append(t.is_deterministic_algorithms_warn_only_enabled())
    return told


def test_functions_are_wrapped_as_they_are():
    torch = pytest.importorskip("torch")
    for t in (minigrad, torch):
        with pytest.raises(RuntimeError, match="Unsupported type for global function"):
            t.fx.wrap(3)
    assert minigrad.fx.wrap("len") == "len"
    assert minigrad.fx.wrap(len) is len
    with pytest.raises(NotImplementedError, match="nothing is traced"):
        minigrad.fx.symbolic_trace(minigrad.nn.Linear(1, 1))


@pytest.mark.parametrize(
    "name", ["Graph", "GraphModule", "Interpreter", "Node", "Proxy", "Tracer", "Transformer"]
)
def test_what_tracing_gives_is_a_type_without_instances(name):
    kind = getattr(minigrad.fx, name)
    assert not isinstance(minigrad.nn.Linear(1, 1), kind)
    with pytest.raises(NotImplementedError, match=rf"fx\.{name} .*nothing is traced"):
        kind()


@judged
def test_a_graph_module_is_a_module(t):
    return issubclass(importlib.import_module(f"{t.__name__}.fx").GraphModule, t.nn.Module)
