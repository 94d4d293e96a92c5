"""Normalizations against torch: statistics, shapes, second derivatives, empty input, errors."""

import itertools

import pytest

from tests.judge import data, judged


def backward(y):
    y.backward(y.detach() ** 2 + 1)
    return y


@pytest.mark.parametrize("affine", [(), ("weight",), ("bias",), ("weight", "bias")])
@pytest.mark.parametrize(
    "shape, sizes",
    [((2, 3, 4), (4,)), ((2, 3, 4), (3, 4)), ((5,), (5,)), ((2, 3), (3,))],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@judged(ulps=64)
def test_layer_norm(t, shape, sizes, affine, dtype):
    x = t.tensor(data(*shape), dtype=getattr(t, dtype), requires_grad=True)
    given = {
        name: t.tensor(data(*sizes, seed=i), dtype=x.dtype, requires_grad=True)
        for i, name in enumerate(affine, 1)
    }
    return backward(t.nn.functional.layer_norm(x, sizes, **given)), x, given


@judged(ulps=64)
def test_layer_norm_of_long_rows(t):
    x = t.tensor(data(2, 3000) * 100, requires_grad=True)
    w = t.tensor(data(3000, seed=1), requires_grad=True)
    return backward(t.nn.functional.layer_norm(x, (3000,), w)), x, w


@pytest.mark.parametrize("name", ["layer_norm", "group_norm", "batch_norm", "rms_norm"])
@judged(ulps=256)
def test_second_derivatives(t, name):
    x = t.tensor(data(3, 4, 5), requires_grad=True)
    w = t.tensor(data(4 if name != "layer_norm" else 5, seed=1), requires_grad=True)
    f = getattr(t.nn.functional, name)
    if name == "batch_norm":
        y = f(x, None, None, w, training=True)
    elif name == "group_norm":
        y = f(x, 2, w)
    else:
        y = f(x.transpose(1, 2) if name == "rms_norm" else x, w.shape, w)
    total = (y**3).sum()
    for _ in range(2):  # torch's third derivatives of batch and layer norm are wrong
        grads = t.autograd.grad(total, (x, w), create_graph=True)
        total = sum((g**2).sum() for g in grads)
    return [g.detach() for g in grads]


@judged
def test_layer_norm_of_constant_rows_and_of_none(t):
    f = t.nn.functional.layer_norm
    x = t.full((2, 3), 5.0, requires_grad=True)
    empty = t.zeros(0, 3, requires_grad=True)
    return backward(f(x, (3,))), x, backward(f(empty, [3])), empty


@pytest.mark.parametrize("sizes", [(4,), (2, 3), (1, 2, 3), ()])
@judged(raises="normalized_shape")
def test_layer_norm_of_another_shape(t, sizes):
    t.nn.functional.layer_norm(t.ones(2, 3, 2), sizes)


@judged(raises="Expected weight to be of same shape as normalized_shape")
def test_layer_norm_with_a_weight_of_another_shape(t):
    t.nn.functional.layer_norm(t.ones(2, 3), (3,), t.ones(2))


@judged(raises="modified by an inplace operation")
def test_layer_norm_saves_its_input(t):
    x = t.tensor(data(2, 3), requires_grad=True) * 1
    y = t.nn.functional.layer_norm(x, (3,))
    x.add_(1)
    y.sum().backward()


@pytest.mark.parametrize("eps", [None, 0.1])
@judged
def test_rms_norm(t, eps):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    w = t.tensor(data(3, 4, seed=1), requires_grad=True)
    return backward(t.nn.functional.rms_norm(x, (3, 4), w, eps)), x, w


@pytest.mark.parametrize("shape, groups", [((2, 6), 2), ((2, 6, 4), 2), ((2, 4, 3, 3), 1)])
@judged(ulps=64)
def test_group_norm(t, shape, groups):
    x = t.tensor(data(*shape), requires_grad=True)
    w, b = (t.tensor(data(shape[1], seed=i), requires_grad=True) for i in (1, 2))
    f = t.nn.functional.group_norm
    return backward(f(x, groups, w, b)), x, w, b, f(x, groups)


@judged(raises="Expected number of channels in input to be divisible by num_groups")
def test_group_norm_of_channels_that_cannot_be_divided(t):
    t.nn.functional.group_norm(t.ones(2, 5, 2), 2)


@judged(raises="Expected at least 2 dimensions for input tensor but received 1")
def test_group_norm_of_a_vector(t):
    t.nn.functional.group_norm(t.ones(4), 2)


@pytest.mark.parametrize("shape", [(5, 3), (4, 3, 2), (2, 3, 4, 4), (2, 3, 2, 2, 2)])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("affine", [True, False])
@judged(ulps=64)
def test_batch_norm(t, shape, training, affine):
    x = t.tensor(data(*shape), requires_grad=True)
    w, b = (t.tensor(data(3, seed=i), requires_grad=True) if affine else None for i in (1, 2))
    mean, var = t.tensor(data(3, seed=3)), t.tensor(data(3, low=0.5, seed=4))
    f = t.nn.functional.batch_norm
    y = backward(f(x, mean, var, w, b, training, 0.3, 1e-3))
    return y, x, *([w, b] if affine else []), mean, var


@pytest.mark.parametrize("shape", [(5, 1), (4, 1, 3), (1, 1, 4)])
@judged(ulps=64)
def test_batch_norm_of_one_channel(t, shape):
    x = t.tensor(data(*shape), requires_grad=True)
    w = t.tensor(data(1, seed=1), requires_grad=True)
    return backward(t.nn.functional.batch_norm(x, None, None, w, training=True)), x, w


@judged(ulps=64)
def test_batch_norm_without_running_statistics(t):
    x = t.tensor(data(4, 3), requires_grad=True)
    return backward(t.nn.functional.batch_norm(x, None, None, training=True)), x


@judged(ulps=64)
def test_batch_norm_twice_before_backward(t):
    x, y = (t.tensor(data(4, 3, seed=i), requires_grad=True) for i in range(2))
    mean, var = t.zeros(3, dtype=t.float64), t.ones(3, dtype=t.float64)
    f = t.nn.functional.batch_norm
    (f(x, mean, var, training=True) * f(y, mean, var, training=True)).sum().backward()
    return x, y, mean, var


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1)])
@judged(raises="Expected more than 1 value per channel when training, got input size")
def test_batch_norm_of_one_value(t, shape):
    t.nn.functional.batch_norm(t.ones(shape), None, None, training=True)


@judged(raises="running_mean should contain 3 elements not 2")
def test_batch_norm_with_statistics_of_another_size(t):
    t.nn.functional.batch_norm(t.ones(2, 3), t.ones(2), t.ones(2))


@judged(raises="eps must be positive during training")
def test_batch_norm_without_eps(t):
    t.nn.functional.batch_norm(t.ones(2, 3), None, None, training=True, eps=0)


@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
@pytest.mark.parametrize("given", [(1, None), (None, 1), (3, None), (None, 3)], ids=str)
@pytest.mark.parametrize("training", [True, False])
@judged(raises="must either both be|should contain|defined in evaluation mode|to be defined when")
def test_one_running_statistic(t, name, given, training):
    averages = [None if n is None else t.ones(n) for n in given]
    getattr(t.nn.functional, name)(t.ones(2, 3, 4), *averages, None, None, training)


DTYPES = [None, "float16", "float32", "float64"]


def mixed(t, name, training, *dtypes):
    """The dtypes and numbers of a normalization, or what it raises, for dtypes of x, w, b, mean."""
    made = [data(2, 3, 4), data(3, seed=1), data(3, seed=2), data(3, low=0.5, seed=3)]
    x, w, b, mean = (
        None if dtype is None else t.tensor(a, dtype=getattr(t, dtype))
        for dtype, a in zip(dtypes, made, strict=True)
    )
    operands = [x, *(v.requires_grad_() for v in (x, w, b) if v is not None)]
    var = None if mean is None else mean.clone()
    f = getattr(t.nn.functional, name)
    try:
        if name == "layer_norm":
            y = f(x.transpose(1, 2), (3,), w, b)
        else:
            y = f(x, 3, w, b) if name == "group_norm" else f(x, mean, var, w, b, training)
    except RuntimeError as error:
        return str(error).split(". ")[0].removesuffix(".")
    if x.dtype == y.dtype and (b is None or w is not None):  # else torch's backward raises
        y.backward(t.tensor(data(*y.shape, seed=4), dtype=y.dtype))
    seen = [v for v in (y, *[v.grad for v in operands], mean, var) if v is not None]
    # Wider results of a narrow input are no better.
    return [v.to(x.dtype) for v in seen], [str(v.dtype) for v in seen]


@pytest.mark.parametrize("name", ["layer_norm", "group_norm"])
@judged(ulps=16)
def test_mixed_dtypes(t, name):
    cases = itertools.product(DTYPES[1:], DTYPES, DTYPES)
    return [mixed(t, name, None, *dtypes, None) for dtypes in cases]


@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
@pytest.mark.parametrize("training", [True, False])
@judged(ulps=16)
def test_mixed_dtypes_with_running_statistics(t, name, training):
    averages = DTYPES if training else DTYPES[1:]
    cases = itertools.product(DTYPES[1:], DTYPES, DTYPES, averages)
    return [mixed(t, name, training, *dtypes) for dtypes in cases]


@pytest.mark.parametrize("use_input_stats", [True, False])
@judged(ulps=64)
def test_instance_norm(t, use_input_stats):
    x = t.tensor(data(2, 3, 4, 2), requires_grad=True)
    w, b = (t.tensor(data(3, seed=i), requires_grad=True) for i in (1, 2))
    mean, var = t.tensor(data(3, seed=3)), t.tensor(data(3, low=0.5, seed=4))
    f = t.nn.functional.instance_norm
    return backward(f(x, mean, var, w, b, use_input_stats, 0.2)), x, w, b, mean, var


@judged(raises="Expected more than 1 spatial element when training")
def test_instance_norm_of_one_element(t):
    t.nn.functional.instance_norm(t.ones(2, 3, 1))


@pytest.mark.parametrize("size", [1, 2, 3, 9])
@judged
def test_local_response_norm(t, size):
    x = t.tensor(data(2, 5, 3), requires_grad=True)
    return backward(t.nn.functional.local_response_norm(x, size, 0.5, 0.6, 2.0)), x


@pytest.mark.parametrize("name", ["layer_norm", "group_norm", "batch_norm", "rms_norm"])
@judged
def test_half_precision_does_not_overflow_in_between(t, name):
    """The squares of such numbers are beyond float16: torch computes in float32."""
    x = t.tensor([[1.0, 200, 300, 400], [2.0, 100, 50, -400]], dtype=t.float16, requires_grad=True)
    given = {"layer_norm": [(4,)], "rms_norm": [(4,)], "group_norm": [2]}
    settings = {"training": True} if name == "batch_norm" else {}
    f = getattr(t.nn.functional, name)
    return backward(f(x, *given.get(name, [None, None]), **settings)), x


@pytest.mark.parametrize("dtypes", [("float32", "float64"), ("float16", "float32")])
@judged
def test_rms_norm_has_the_dtype_of_its_input(t, dtypes):
    x, w = [t.tensor(data(2, 3), dtype=getattr(t, d), requires_grad=True) for d in dtypes]
    return t.nn.functional.rms_norm(x, (2, 3), w)


LAYOUTS = {
    "2D": lambda t: t.tensor(data(4, 12)).t(),
    "sequences": lambda t: t.tensor(data(3, 2, 4)).transpose(0, 1),
    "channels": lambda t: t.tensor(data(2, 5, 3)).transpose(1, 2),
    "batch": lambda t: t.tensor(data(3, 2, 4, 4)).transpose(0, 1),
    "channels last": lambda t: t.tensor(data(2, 4, 5, 3)).permute(0, 3, 1, 2),
}


@judged
@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("training", [True, False])
def test_results_lie_in_memory_as_torchs(t, name, training):
    F = t.nn.functional
    x = LAYOUTS[name](t)
    c = x.shape[1]
    zero, one = t.zeros(c, dtype=t.float64), t.ones(c, dtype=t.float64)
    made = [
        F.batch_norm(x, zero, one, training=training),
        F.batch_norm(x, None, None, training=True),
        F.layer_norm(x, x.shape[-1:]),
        F.group_norm(x, 1),
    ]
    t.manual_seed(0)
    return [y.stride() for y in made], [F.dropout(y, 0.5) for y in made]


@judged
def test_sync_batch_norm_is_the_batch_norm_of_one_process(t):
    nn, x = t.nn, t.tensor(data(4, 2, 3), dtype=t.float32)
    net = nn.Sequential(nn.BatchNorm1d(2, momentum=0.2), nn.Sequential(nn.BatchNorm1d(2).eval()))
    weight = net[0].weight
    net = nn.SyncBatchNorm.convert_sync_batchnorm(net)
    told = [str(net), net[0].weight is weight, net[1][0].training, list(net.state_dict())]
    y = net(x)
    y.square().sum().backward()
    return told, y, net[0].running_mean, weight.grad, nn.SyncBatchNorm(2, bias=False)(x)


@judged(raises="at least 2D")
def test_sync_batch_norm_of_a_vector(t):
    t.nn.SyncBatchNorm(2)(t.ones(2))
