"""Images whose channels lie side by side in memory: what is computed of them is laid out as in
torch, so that it has the same views, and dropout drops the same elements."""

import pytest

from tests.judge import judged

IMAGES = {
    "contiguous": lambda t: t.randn(2, 4, 8, 8),
    "channels last": lambda t: t.randn(2, 4, 8, 8).contiguous(memory_format=t.channels_last),
    "permuted": lambda t: t.randn(2, 64, 4).permute(0, 2, 1).reshape(2, 4, 8, 8),
    "permuted, one image": lambda t: t.randn(1, 8, 8, 4).permute(0, 3, 1, 2),
    "some channels": lambda t: t.randn(2, 8, 8, 8).permute(0, 3, 1, 2)[:, :4],
    "transposed": lambda t: t.randn(2, 4, 8, 8).transpose(2, 3),
}

LAYERS = {
    "conv": lambda t: t.nn.Conv2d(4, 6, 3, padding=1),
    "conv of groups": lambda t: t.nn.Conv2d(4, 4, 3, groups=4),
    "conv with reflection": lambda t: t.nn.Conv2d(4, 6, 3, padding=1, padding_mode="reflect"),
    "transposed conv": lambda t: t.nn.ConvTranspose2d(4, 6, 2, 2),
    "max pool": lambda t: t.nn.MaxPool2d(2, return_indices=True),
    "average pool": lambda t: t.nn.AvgPool2d(2),
    "adaptive average pool": lambda t: t.nn.AdaptiveAvgPool2d(2),
    "adaptive max pool": lambda t: t.nn.AdaptiveMaxPool2d(2, return_indices=True),
    "nearest": lambda t: t.nn.Upsample(scale_factor=2),
    "bilinear": lambda t: t.nn.Upsample(scale_factor=2, mode="bilinear"),
    "bicubic": lambda t: t.nn.Upsample(scale_factor=2, mode="bicubic"),
    "zeros around": lambda t: t.nn.ZeroPad2d(1),
    "reflection": lambda t: t.nn.ReflectionPad2d(1),
    "replication": lambda t: t.nn.ReplicationPad2d(1),
    "shuffled": lambda t: t.nn.PixelShuffle(2),
    "unshuffled": lambda t: t.nn.PixelUnshuffle(2),
    "channel shuffle": lambda t: t.nn.ChannelShuffle(2),
    "batch norm": lambda t: t.nn.BatchNorm2d(4),
    "group norm": lambda t: t.nn.GroupNorm(2, 4),
    "layer norm": lambda t: t.nn.LayerNorm(8),
    "rms norm": lambda t: t.nn.RMSNorm(8),
    "dropout after conv": lambda t: t.nn.Sequential(t.nn.Conv2d(4, 6, 3), t.nn.Dropout(0.5)),
}


@judged(ulps=256)
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("image", IMAGES)
def test_the_layout_of_results(t, image, layer):
    t.manual_seed(0)
    x = IMAGES[image](t)
    out = LAYERS[layer](t)(x)
    return out


@judged
@pytest.mark.parametrize("first", IMAGES)
@pytest.mark.parametrize("second", IMAGES)
def test_what_is_joined(t, first, second):
    t.manual_seed(0)
    x, y = IMAGES[first](t)[:1], IMAGES[second](t)[:1]
    return t.cat([x, y], 1), t.cat([x, y], 0)


@judged
def test_a_convolution_goes_by_its_weight_too(t):
    weight = t.ones(6, 4, 3, 3).contiguous(memory_format=t.channels_last)
    return t.nn.functional.conv2d(t.ones(2, 4, 8, 8), weight)


@judged(raises="view size is not compatible")
def test_a_view_across_the_channels(t):
    x = t.ones(2, 8, 8, 4).permute(0, 3, 1, 2)
    t.nn.functional.conv2d(x, t.ones(6, 4, 3, 3)).view(2, -1)


@judged
def test_contiguous_in_a_format(t):
    x = t.arange(24.0, requires_grad=True).reshape(1, 2, 3, 4)
    y = x.contiguous(memory_format=t.channels_last)
    y.square().sum().backward()
    again = y.contiguous(memory_format=t.channels_last)
    return y, again is y, y.contiguous(memory_format=t.contiguous_format), x


@judged(raises="unsupported by the contiguous operator")
def test_contiguous_in_the_format_that_it_has(t):
    t.ones(2, 3).T.contiguous(memory_format=t.preserve_format)


@judged
def test_dropout_of_what_is_expanded(t):
    t.manual_seed(0)
    x = (t.arange(64.0) + 1).view(1, 64).expand(3, 64)
    return t.nn.functional.dropout(x), t.nn.functional.dropout(x.view(3, 64, 1).expand(3, 64, 2))


@judged
def test_new_tensors_in_this_format(t):
    x = t.empty(2, 3, 5, 7)
    made = [
        t.empty(2, 3, 5, 7, memory_format=t.channels_last),
        *[f(x, memory_format=t.channels_last) for f in (t.empty_like, t.zeros_like, t.ones_like)],
    ]
    return [y.stride() for y in made]
