"""Padding, resizing and windows as columns against torch, where its table does not look."""

import warnings

import pytest

import minigrad
from tests.judge import data, judged

INF, NAN = float("inf"), float("nan")


def filled(t, shape, seed=0, dtype="float64", grad=True):
    return t.tensor(data(*shape, seed=seed), dtype=getattr(t, dtype), requires_grad=grad)


BAD = [
    ("unfold", (1, 4, 4), (5,)),
    ("unfold", (4, 4), (2,)),
    ("unfold", (1, 4, 4), ((2, 2, 2),)),
    ("unfold", (1, 4, 4), (2, 0)),
    ("fold", (1, 4, 8), (4, 2)),
    ("fold", (1, 3, 9), (4, 2)),
    ("pixel_shuffle", (3, 4, 4), (2,)),
    ("pixel_shuffle", (4, 4), (2,)),
    ("pixel_unshuffle", (4, 3, 4), (2,)),
    ("pixel_unshuffle", (4, 4, 4), (0,)),
    ("channel_shuffle", (2, 3, 4, 4), (2,)),
    ("pad", (1, 2, 3), ((1,),)),
    ("pad", (1, 2, 3), ((1,) * 8,)),
    ("pad", (1, 2, 3), ((-4, 0),)),
    ("pad", (1, 2, 3), ((1.0, 1),)),
    ("pad", (1, 2, 3), (1,)),
    ("pad", (1, 2, 3), ((1, 1), "mirror")),
    ("pad", (1, 2, 3), ((3, 1), "reflect")),
    ("pad", (1, 2, 3), ((4, 1), "circular")),
    ("pad", (3,), ((1, 1), "replicate")),
    ("pad", (1, 2, 3), ((1, 1), "reflect", 2.0)),
    ("pad", (1, 2, 3), ((-2, -1), "replicate")),
    ("interpolate", (1, 1, 3, 3), ()),
    ("interpolate", (1, 1, 3, 3), (2, 2.0)),
    ("interpolate", (1, 1, 3, 3), ((2, 2, 2),)),
    ("interpolate", (1, 1, 3, 3), (0,)),
    ("interpolate", (1, 1, 3, 3), (2, None, "cubic")),
    ("interpolate", (1, 1, 3, 3), (2, None, "linear")),
    ("interpolate", (1, 1, 3, 3), (2, None, "nearest", True)),
    ("interpolate", (3, 3), (2,)),
    ("interpolate", (1, 0, 3, 3), (2,)),
]


@pytest.mark.parametrize("name, shape, arguments", BAD, ids=str)
@judged(raises="")
def test_bad_arguments(t, name, shape, arguments):
    getattr(t.nn.functional, name)(t.zeros(shape), *arguments)


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("pad", [(1, 2), (2, 0, 0, 1), (-1, 2, 1, -1), (1, -2)])
@judged(ulps=32)
def test_second_derivatives_of_padding(t, mode, pad):
    x = filled(t, (2, 4) if len(pad) == 2 else (2, 4, 4))
    y = t.nn.functional.pad(x, pad, mode)
    (g,) = t.autograd.grad((y**3).sum(), x, create_graph=True)
    (g**2).sum().backward()
    return y, x


@pytest.mark.parametrize("value", [2.5, True, None, -INF])
@judged
def test_padding_with_a_value(t, value):
    return t.nn.functional.pad(t.ones(2, 2), (1, 0, 0, 1), value=value)


@judged
def test_padding_of_integers_and_truth_values(t):
    pad = t.nn.functional.pad
    return pad(t.tensor([1, 2]), (1, 1), value=2.5), pad(t.tensor([True]), (1, 1), value=2)


@judged(raises="overflow")
def test_padding_with_what_does_not_fit(t):
    t.nn.functional.pad(t.tensor([1, 2], dtype=t.uint8), (1, 1), value=300)


@judged
def test_padding_by_nothing_is_a_copy(t):
    x = t.ones(2, 2)
    y = t.nn.functional.pad(x, (0, 0))
    y[0, 0] = 5
    return x, y


@judged(raises="overflow")
@pytest.mark.parametrize("factor", [1e300, float("inf"), float("nan")])
def test_interpolation_by_a_factor_beyond_every_size(t, factor):
    t.nn.functional.interpolate(t.ones(1, 2, 4), scale_factor=factor)


MODES = ["nearest", "nearest-exact", "bilinear", "bicubic", "area"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("by", [dict(size=(7, 2)), dict(scale_factor=(1.7, 0.6))])
@judged(ulps=64)
def test_second_derivatives_of_resizing(t, mode, by):
    x = filled(t, (2, 1, 4, 5))
    y = t.nn.functional.interpolate(x, mode=mode, **by)
    (g,) = t.autograd.grad((y**3).sum(), x, create_graph=True)
    (g**2).sum().backward()
    return y, x


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("by", [dict(size=(7, 2)), dict(scale_factor=(0.3, 0.6)), dict(size=2)])
@pytest.mark.parametrize("align_corners", [False, True])
@judged(ulps=64)
def test_averages_where_an_image_shrinks(t, mode, by, align_corners):
    x = filled(t, (2, 2, 7, 8))
    y = t.nn.functional.interpolate(x, mode=mode, align_corners=align_corners, antialias=True, **by)
    (g,) = t.autograd.grad((y**3).sum(), x, create_graph=True)
    (g**2).sum().backward()
    return y, y.grad_fn.name(), x


def test_averages_of_one_column_differ_by_row() -> None:
    """torch repeats the first row there."""
    x = minigrad.arange(12.0).view(1, 1, 4, 3)
    y = minigrad.nn.functional.interpolate(x, size=(4, 1), mode="bilinear", antialias=True)
    assert y.flatten().tolist() == pytest.approx([1, 4, 7, 10])
    z = minigrad.nn.functional.interpolate(x, size=(2, 1), mode="bilinear", antialias=True)
    w = minigrad.nn.functional.interpolate(x, size=(2, 3), mode="bilinear", antialias=True)
    assert z.flatten().tolist() == pytest.approx(w[0, 0, :, 1].tolist())


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("recompute", [None, True])
@pytest.mark.parametrize("align_corners", [False, True])
@judged(ulps=32)
def test_resizing_in_single_precision(t, mode, recompute, align_corners):
    x = filled(t, (1, 2, 5, 4), 0, "float32")
    y = t.nn.functional.interpolate(
        x,
        scale_factor=2.3,
        mode=mode,
        align_corners=align_corners,
        recompute_scale_factor=recompute,
    )
    y.backward(t.tensor(data(*y.shape), dtype=t.float32))
    return y, x


@pytest.mark.parametrize("factor", [0.1, 0.33, 1.1, 2.7, 10.0])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
@judged
def test_nearest_takes_torchs_element(t, factor, mode):
    x = t.arange(30.0).reshape(1, 1, 30)
    return t.nn.functional.interpolate(x, scale_factor=factor, mode=mode)


@judged
def test_infinities_stay_where_they_are(t):
    """Each element is a sum over its own window, not over all elements times 0."""
    x = t.tensor([[[INF, 1.0, 2.0, 3.0, NAN]]])
    f = t.nn.functional
    return (
        f.adaptive_avg_pool1d(x, 3),
        f.avg_pool1d(x, 2, 1),
        f.interpolate(x, 3),
        f.pad(x, (2, 2), "reflect"),
    )


@judged
def test_infinite_cotangents_stay_where_they_are(t):
    f = t.nn.functional
    leaves = []
    for g, function in [
        ([INF, 1.0, NAN], lambda x: f.adaptive_avg_pool1d(x, 3)),
        ([1.0, INF, 2.0, NAN], lambda x: f.avg_pool1d(x, 2, 1)),
        ([INF, 1.0, 2.0], lambda x: f.interpolate(x, 3)),
        ([INF] + [1.0] * 8, lambda x: f.pad(x, (2, 2), "reflect")),
        ([INF, 1.0], lambda x: f.max_pool1d(x, 2)),
    ]:
        x = t.tensor([[[3.0, 1.0, 4.0, 1.0, 5.0]]], requires_grad=True)
        function(x).backward(t.tensor([[g]]))
        leaves.append(x)
    return leaves


@judged
def test_the_old_names_of_interpolate(t):
    x, f = t.arange(4.0).reshape(1, 1, 2, 2), t.nn.functional
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        found = [f.upsample(x, 3), f.upsample_nearest(x, 3), f.upsample_bilinear(x, scale_factor=2)]
    return found, [str(w.message) for w in seen]


@judged
def test_shuffles_are_undone(t):
    x = filled(t, (2, 8, 2, 3))
    y = t.pixel_unshuffle(t.pixel_shuffle(x, 2), 2)
    z = t.channel_shuffle(t.channel_shuffle(x, 2), 4)
    (y * z).sum().backward()
    return t.equal(x, y), x


@pytest.mark.parametrize("size", [(3, 4), (1, 2), (2, 1)])
@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic"])
@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("align_corners", [False, True])
@judged(ulps=64)
def test_sampling_at_pixels_edges_and_outside(t, mode, padding_mode, align_corners, size):
    x = filled(t, (1, 2, *size))
    grid = t.tensor(
        [[[-1.0, -1.0], [1.0, 1.0], [0.0, 0.0]], [[0.5, -1.5], [3.0, 0.25], [-1.25, 2.0]]],
        dtype=t.float64,
    )
    grid = grid[None].clone().requires_grad_()
    y = t.nn.functional.grid_sample(x, grid, mode, padding_mode, align_corners)
    y.backward(t.tensor(data(*y.shape, seed=3)))
    return y, x, grid


@pytest.mark.parametrize("size", [(2, 1, 3, 1), (2, 1, 2, 3, 2)])
@pytest.mark.parametrize("align_corners", [False, True])
@judged
def test_affine_grids(t, size, align_corners):
    dims = len(size) - 2
    theta = filled(t, (2, dims, dims + 1))
    y = t.nn.functional.affine_grid(theta, size, align_corners)
    (y**2).sum().backward()
    return y, theta


def test_what_torch_has_in_nn_functional_only_is_not_at_the_top() -> None:
    for name in ("interpolate", "unfold", "fold", "pad", "avg_pool2d"):
        assert not hasattr(minigrad, name)
    for name in ("conv2d", "conv_transpose3d", "max_pool2d", "avg_pool1d", "pixel_shuffle"):
        assert hasattr(minigrad, name)


@pytest.mark.parametrize("wide", [3, 140])
@pytest.mark.parametrize("factor", [1.1, 1.3, 2.1])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear"])
@judged(ulps=1024)
def test_a_factor_that_leaves_a_size_or_doubles_it(t, mode, factor, wide):
    x = filled(t, (1, 2, 3, wide), grad=False)
    return t.nn.functional.interpolate(x, scale_factor=(factor, 1.5), mode=mode)


@pytest.mark.parametrize("mode, shape", [("linear", (1, 2, 3)), ("trilinear", (1, 2, 3, 2, 2))])
@judged
def test_a_factor_that_leaves_a_size_leaves_the_elements(t, mode, shape):
    x = filled(t, shape)
    y = t.nn.functional.interpolate(x, scale_factor=1.3, mode=mode)
    (y * y).sum().backward()
    return y, x


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize(
    "by", [dict(size=(3, 4)), dict(size=(9, 11)), dict(scale_factor=(1.1, 0.6))], ids=str
)
@judged
def test_bytes_are_resized_in_whole_numbers(t, mode, antialias, corners, by):
    t.manual_seed(0)
    settings = dict(mode=mode, antialias=antialias, align_corners=corners)
    images = [t.randint(0, 256, shape, dtype=t.uint8) for shape in [(2, 3, 6, 7), (1, 6, 5, 4)]]
    images.append(images[0].contiguous(memory_format=t.channels_last))
    resized = [t.nn.functional.interpolate(x, **by, **settings) for x in images]
    return resized, [x.stride() for x in resized]


@pytest.mark.parametrize("mode, shape", [("linear", (1, 1, 4)), ("trilinear", (1, 1, 4, 4, 4))])
@judged(raises="Byte")
def test_bytes_are_resized_as_images_only(t, mode, shape):
    t.nn.functional.interpolate(t.ones(shape, dtype=t.uint8), 3, mode=mode)
