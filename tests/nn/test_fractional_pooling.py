"""Pooling over windows at random places, against torch."""

import pytest

from tests.judge import data, judged

INF, NAN = float("inf"), float("nan")
SIZES = {2: (7, 9), 3: (5, 7, 6)}


def pool(t, dims, *args, **settings):
    return getattr(t.nn.functional, f"fractional_max_pool{dims}d")(*args, **settings)


def images(t, dims, dtype="float64", **settings):
    return t.tensor(data(2, 3, *SIZES[dims]), dtype=getattr(t, dtype), **settings)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("size", [1, 2, 3])
@judged
def test_windows_from_the_seed(t, dims, dtype, size):
    t.manual_seed(3)
    x = images(t, dims, dtype, requires_grad=True)
    values, indices = pool(t, dims, x, 2, size, return_indices=True)
    values.backward(t.tensor(data(*values.shape), dtype=values.dtype))
    return values, indices, x, pool(t, dims, x.detach()[0], 2, size), t.rand(3)


@pytest.mark.parametrize("dims", [2, 3])
@judged
def test_samples_that_are_given_and_ratios(t, dims):
    x = images(t, dims, requires_grad=True)
    samples = t.tensor(data(3, 3, dims, low=0, high=1))
    ratio = [0.5, 0.7, 0.4][:dims]
    y = pool(t, dims, x, [2] * dims, output_ratio=ratio, _random_samples=samples)
    (g,) = t.autograd.grad((y**3).sum(), x, create_graph=True)
    (gg,) = t.autograd.grad((g * g).sum(), x)
    return y, g.tolist(), gg.tolist(), pool(t, dims, x, 2, [0] * dims, _random_samples=samples)


@pytest.mark.parametrize(
    "values",
    [
        [[1.0, 1.0, 2.0, 0.0], [1.0, 1.0, 2.0, 2.0], [0.0, 1.0, 2.0, 2.0]],
        [[NAN, 1.0, 2.0, NAN], [0.0, 3.0, NAN, 2.0], [0.0, NAN, NAN, 2.0]],
        [[-INF, -INF, INF, INF], [-INF, -INF, 1.0, INF], [-INF, INF, 1.0, INF]],
    ],
)
@judged
def test_ties_nan_and_infinity(t, values):
    x = t.tensor([values, values], requires_grad=True)
    samples = t.tensor([[[0.1, 0.9], [0.7, 0.3]]])
    y, indices = pool(t, 2, x, 2, 2, return_indices=True, _random_samples=samples)
    y.sum().backward()
    return y, indices, x


@pytest.mark.parametrize("dims", [2, 3])
@judged
def test_modules(t, dims):
    t.manual_seed(5)
    layer = getattr(t.nn, f"FractionalMaxPool{dims}d")
    x = images(t, dims)
    samples = t.tensor(data(2, 3, dims, low=0, high=1))
    kept = layer(2, output_size=2, _random_samples=samples, return_indices=True)
    return layer(2, output_ratio=0.5)(x), kept(x), repr(kept), kept.state_dict(), kept.output_size


def calls(t, dims):
    x, samples = images(t, dims), t.rand(2, 3, dims).double()
    layer = getattr(t.nn, f"FractionalMaxPool{dims}d")
    return {
        "neither": lambda: pool(t, dims, x, 2),
        "a large kernel": lambda: pool(t, dims, x, 9, 3),
        "many windows": lambda: pool(t, dims, x, 2, 7),
        "a negative size": lambda: pool(t, dims, x, 2, -3),
        "integers": lambda: pool(t, dims, x.int(), 2, 3),
        "integers and samples": lambda: pool(t, dims, x.int(), 2, 3, _random_samples=samples.int()),
        "three samples": lambda: pool(t, dims, x, 2, 2, _random_samples=t.rand(2, 3, 4).double()),
        "channels": lambda: pool(t, dims, x, 2, 2, _random_samples=samples[:, :1]),
        "batch": lambda: pool(t, dims, x, 2, 2, _random_samples=samples[:1]),
        "a flat sample": lambda: pool(t, dims, x, 2, 2, _random_samples=samples[0]),
        "another dtype": lambda: pool(t, dims, x, 2, 2, _random_samples=samples.float()),
        "a number": lambda: pool(t, dims, x, 2, 2, _random_samples=3),
        "four kernels": lambda: pool(t, dims, x, (2,) * 4, 2),
        "one kernel": lambda: pool(t, dims, x, (2,), 2),
        "four sizes": lambda: pool(t, dims, x, 2, (2,) * 4),
        "a float": lambda: pool(t, dims, x, 2.5, 2),
        "no channels": lambda: pool(t, dims, x[:, :0], 2, 2),
        "no rows": lambda: pool(t, dims, x[:, :, :0], 2, 2),
        "module of neither": lambda: layer(2),
        "module of both": lambda: layer(2, output_size=2, output_ratio=0.5),
        "a large ratio": lambda: layer(2, output_ratio=1.5),
    }


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("which", range(21))
@judged(raises=".")
def test_refusals(t, dims, which):
    list(calls(t, dims).values())[which]()
