"""Code for mixed precision runs without a GPU, as it does with torch."""

import warnings

import pytest

import minigrad
from tests.judge import judged


@judged
@pytest.mark.parametrize("older", [False, True])
def test_a_training_step(t, older):
    t.manual_seed(0)
    model = t.nn.Linear(3, 2)
    optimizer = t.optim.SGD(model.parameters(), lr=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no GPU
        scaler = t.cuda.amp.GradScaler() if older else t.amp.GradScaler("cuda")
        context = t.cuda.amp.autocast() if older else t.autocast("cuda", dtype=t.float16)
    with context:
        y = model(t.ones(4, 3))
        loss = y.square().mean()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()
    known = scaler.get_scale(), scaler.is_enabled(), scaler.state_dict()
    return y.detach(), list(model.parameters()), known


@judged
def test_a_decorated_function(t):
    @t.autocast("cpu", enabled=False)
    def double(x):
        return x * 2

    return double(t.ones(2)), double.__name__


@judged(raises="Expected `device_type` of type `str`")
def test_the_type_of_a_device_is_a_string(t):
    t.autocast(t.device("cpu"))


@pytest.mark.parametrize("name", ["autocast", "GradScaler"])
def test_without_bfloat16_there_is_an_error(name):
    with pytest.raises(NotImplementedError, match="not supported"):
        getattr(minigrad.amp, name)("cpu")


@judged
def test_functions_that_are_decorated_for_autocast(t):
    class Twice(t.autograd.Function):
        @staticmethod
        @t.amp.custom_fwd(device_type="cpu")
        def forward(ctx, x):
            return x * 2

        @staticmethod
        @t.amp.custom_bwd(device_type="cpu")
        def backward(ctx, g):
            return g * 2

    x = t.ones(2, requires_grad=True)
    y = Twice.apply(x)
    y.sum().backward()
    return y.tolist(), x.grad


@judged
def test_the_older_decorators_of_functions_warn(t):
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")

        class Twice(t.autograd.Function):
            @staticmethod
            @t.cuda.amp.custom_fwd
            def forward(ctx, x):
                return x * 2

            @staticmethod
            @t.cuda.amp.custom_bwd
            def backward(ctx, g):
                return g * 2

        t.cuda.amp.custom_fwd(cast_inputs=t.float16)
    x = t.ones(2, requires_grad=True)
    Twice.apply(x).sum().backward()
    return x, [(w.category, str(w.message)) for w in warned]


@judged
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool"])
def test_other_dtypes_than_half_ones_change_nothing(t, dtype):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        context = t.autocast("cpu", dtype=getattr(t, dtype))
    assert "the target dtype is not supported. Disabling autocast" in str(caught[0].message)
    with context:
        return t.ones(2, 2) @ t.ones(2, 2), t.ones(3).exp()


@judged(raises="must be .*dtype, not int")
def test_a_context_of_no_dtype(t):
    with t.autocast("cpu", dtype=3, enabled=False):
        pass


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_half_precision_on_the_cpu(name) -> None:
    with pytest.raises(NotImplementedError, match=f"would compute in .*{name}"):
        minigrad.autocast("cpu", dtype=getattr(minigrad, name))
