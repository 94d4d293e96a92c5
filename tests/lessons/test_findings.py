"""Small things that whole lessons, run on both libraries, have shown."""

import io
import pickle
from importlib import import_module
from operator import add

import numpy as np
import pytest

import minigrad
from minigrad.errors import warned
from tests.judge import both, both_raise, judged


def test_a_number_of_what_requires_grad_warns_once():
    x = minigrad.tensor(1.0, requires_grad=True)
    warned.clear()
    with pytest.warns(UserWarning, match="requires_grad=True to a scalar") as seen:
        assert f"{x:.1f} {float(x)} {complex(x)}" == "1.0 1.0 (1+0j)"
    assert len(seen) == 1
    warned.clear()
    with minigrad.no_grad():
        float(x)  # no warning, as all warnings are errors here


@pytest.mark.torch
def test_what_is_refused():
    for f in (
        lambda t: t.ones(2).requires_grad_("yes"),
        lambda t: t.ones(2).requires_grad_(1),
        lambda t: t.ones(2)["a"],
        lambda t: t.ones(2, 2)[0, "a"],
        lambda t: t.load(12345),
        lambda t: t.save({}, 12345),
        lambda t: t.cuda.Event(enable_timing=True),
        lambda t: t.cuda.Stream(),
        lambda t: t.cuda.FloatTensor(2),
    ):
        both_raise(f)


@judged
def test_names(t):
    functions = t.isnan, t.eq, t.lt, t.logical_and, t.bitwise_or, t.isfinite
    return [f.__name__ for f in functions], isinstance(t.ones(1), t.cuda.FloatTensor)


@judged
def test_bases_that_lessons_ask_for(t):
    modules = t.nn.modules
    return (
        issubclass(t.nn.MSELoss, modules.loss._Loss),
        issubclass(t.nn.ConvTranspose2d, modules.conv._ConvNd),
        issubclass(t.optim.lr_scheduler._LRScheduler, t.optim.lr_scheduler.LRScheduler),
        issubclass(t.nn.BatchNorm2d, modules.batchnorm._BatchNorm),
        t.nn.GRU(2, 3, 2, bidirectional=True)._flat_weights_names,
        t.nn.LSTM(2, 3, bias=False)._flat_weights_names,
    )


@judged
def test_stacked_modules(t):
    def norms():
        return [t.nn.BatchNorm1d(3) for _ in range(2)]

    parameters, buffers = t.func.stack_module_state(norms())
    return parameters, buffers


@pytest.mark.torch
def test_modules_that_cannot_be_stacked():
    def frozen(t):
        models = [t.nn.Linear(1, 1), t.nn.Linear(1, 1)]
        models[1].weight.requires_grad_(False)
        return models

    for models in (
        lambda t: [],
        lambda t: [t.nn.ReLU(), t.nn.Tanh()],
        lambda t: [t.nn.ReLU(), t.nn.ReLU().eval()],
        frozen,
    ):
        both_raise(lambda t, models=models: t.func.stack_module_state(models(t)))


@pytest.mark.torch
def test_encoders_that_would_not_nest_say_so():
    def warned(t, **settings):
        import warnings

        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            layer = t.nn.TransformerEncoderLayer(6, settings.pop("heads", 2), 8, **settings)
            t.nn.TransformerEncoder(layer, 1)
        return [str(w.message) for w in seen]

    for settings in (
        dict(),
        dict(batch_first=True),
        dict(batch_first=True, norm_first=True),
        dict(batch_first=True, heads=3),
        dict(batch_first=True, bias=False),
        dict(batch_first=True, activation=abs),
    ):
        both(lambda t, settings=settings: warned(t, **settings))


@pytest.mark.torch
def test_older_names_of_amp_warn():
    def warned(t):
        import warnings

        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            t.cuda.amp.GradScaler(enabled=False)
            t.cuda.amp.autocast(enabled=False)
        return [(w.category.__name__, str(w.message)) for w in seen]

    both(warned)


@judged
def test_sizes_are_of_ints(t):
    made = (
        t.Size([True, t.tensor(3), t.tensor([4])]),
        t.Size(t.tensor([2, 3])),
        t.Size(iter([5, 6])),
    )
    shown = f"{t.Size(np.arange(2))}".replace("minigrad", "torch")
    return *made, [type(n) for n in made[0]], shown


@pytest.mark.torch
def test_sizes_of_what_is_no_int():
    for f in (
        lambda t: t.Size(3),
        lambda t: t.Size([1, 1.5]),
        lambda t: t.Size("2"),
        lambda t: t.Size([t.tensor(2.0)]),
        lambda t: add(t.Size([1]), (None,)),
        lambda t: add(t.Size([1]), [2]),
        lambda t: t.distributions.Normal(0.0, 1.0).sample(3),
    ):
        both_raise(f)


@judged
def test_what_stands_for_no_default(t):
    return repr(import_module(f"{t.__name__}.optim.optimizer").required)


@judged
def test_how_a_file_would_be_pickled(t):
    file = io.BytesIO()
    t.save([t.ones(2)], file, pickle, 2, _use_new_zipfile_serialization=True)
    file.seek(0)
    return t.load(file, "cpu", weights_only=None, encoding="latin1")[0].tolist()


@judged(raises="pickle_module")
def test_only_weights_of_a_pickle(t):
    return t.load(io.BytesIO(), pickle_module=pickle, weights_only=True)


@judged
def test_one_hot_calls_its_operand_input(t):
    return t.nn.functional.one_hot(input=t.tensor([1, 0]), num_classes=3).tolist()


@pytest.mark.parametrize("name", ["huber_loss", "smooth_l1_loss"])
@judged
def test_slopes_at_nan_that_are_differentiated_again(t, name):
    x = t.tensor([float("nan"), 1.0, -2.0, 0.5, float("inf")], requires_grad=True)
    loss = getattr(t.nn.functional, name)(x, t.zeros(5), reduction="sum")
    (plain,) = t.autograd.grad(loss, x, retain_graph=True)
    (slope,) = t.autograd.grad(loss, x, create_graph=True)
    (second,) = t.autograd.grad(slope.sum(), x)
    return plain, slope.detach(), second


@pytest.mark.torch
def test_nothing_cannot_be_packed():
    for f in (
        lambda t: t.nn.utils.rnn.pack_padded_sequence(t.empty(2, 1, 0), [2]),
        lambda t: t.nn.utils.rnn.pack_padded_sequence(t.empty(0, 2, 3), [1]),
        lambda t: t.nn.utils.rnn.pack_sequence([t.empty(0, 3)]),
    ):
        both_raise(f, "empty")
