"""Convolutions and transposed convolutions in one, two and three dimensions."""

from __future__ import annotations

from typing import Any

from minigrad.memory import in_format_of
from minigrad.nn.functional.convolution_arguments import (
    check_bias,
    check_dtypes,
    checked,
    in_words,
)
from minigrad.nn.functional.sizes import by, sizes
from minigrad.ops.convolution import Slide, convolve, spread
from minigrad.ops.padding import _constant_pad
from minigrad.ops.shape import squeeze

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
]


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """`conv2d` with one spatial dimension: (N, C, L) or (C, L), weight (O, C / groups, K)."""
    return _convolution("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """The kernel slid over the input, a sum of products at each place (a cross-correlation).

    ``out[n, o, i] = bias[o] + sum_{c, k} weight[o, c, k] input[n, c, i * stride + k * dilation]``,
    with i and k of two dimensions, and ``padding`` zeros around the input.

    input:    (N, C, H, W), or (C, H, W) without a batch.
    weight:   (O, C / groups, KH, KW); ``bias``: (O,) or None. All are of one dtype.
    padding:  ints, "valid" for none, or "same" to keep the size where the stride is 1.
    groups:   input and output channels are split into so many groups that do not mix.

    Derivatives: to the input the transposed convolution of the cotangent, to the weight the sum of
    cotangent times input over all places, to the bias the sum of the cotangent. Raises RuntimeError
    where shapes or dtypes do not fit.
    """
    return _convolution("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """`conv2d` with three spatial dimensions: (N, C, D, H, W) or (C, D, H, W)."""
    return _convolution("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """`conv_transpose2d` with one spatial dimension: (N, C, L) or (C, L)."""
    return _transposed(
        "conv_transpose1d",
        1,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """The derivative of `conv2d` to its input, as a layer: every element spreads the kernel.

    input:           (N, C, H, W), or (C, H, W) without a batch.
    weight:          (C, O / groups, KH, KW); ``bias``: (O,) or None. All are of one dtype.
    padding:         how much is cut off on each side of the result.
    output_padding:  how much larger the result is on one side; several sizes have the same
                     convolution if the stride is over 1.

    Each size is (n - 1) * stride - 2 * padding + dilation * (K - 1) + output_padding + 1.
    Derivatives: to the input the convolution of the cotangent, to the weight the sum of cotangent
    times input. Raises RuntimeError where shapes or dtypes do not fit.
    """
    return _transposed(
        "conv_transpose2d",
        2,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """`conv_transpose2d` with three spatial dimensions: (N, C, D, H, W) or (C, D, H, W)."""
    return _transposed(
        "conv_transpose3d",
        3,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def _convolution(
    name: str,
    dims: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> Any:
    mode = padding if isinstance(padding, str) else None
    if mode not in ("same", "valid", None):
        raise RuntimeError(f"Invalid padding string: '{mode}'. It is 'same', 'valid' or ints.")
    settings = {
        "stride": sizes(name, stride, "stride"),
        "padding": sizes(name, 0 if mode else padding, "padding"),
        "dilation": sizes(name, dilation, "dilation"),
    }
    batch, groups = checked(name, dims, input, weight, bias, settings, groups)
    kernel = weight.array.shape[2:]
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, settings["dilation"], strict=True)]
    if mode == "same":
        if any(s != 1 for s in settings["stride"]):
            raise RuntimeError("padding='same' is not supported for strided convolutions")
        settings["padding"] = tuple([(span - 1) // 2 for span in spans])
        odd = [(span - 1) % 2 for span in spans]
        if any(odd):  # one zero more on the far side, as torch has it
            batch = _constant_pad(batch, tuple([(0, more) for more in odd]), 0)
    shape = batch.array.shape
    channels = weight.array.shape[1] * groups
    if shape[1] != channels:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {list(weight.array.shape)}, expected "
            f"input{list(input.array.shape)} to have {channels} channels, but got {shape[1]} "
            "channels instead. The weight is (O, C / groups, ...), the input (N, C, ...)."
        )
    check_bias("weight", weight, bias, weight.array.shape[0])
    padded = [n + 2 * p for n, p in zip(shape[2:], settings["padding"], strict=True)]
    if any(n < span for n, span in zip(padded, spans, strict=True)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({by(padded)}). Kernel size: "
            f"({by(spans)}). Kernel size can't be greater than actual input size"
        )
    check_dtypes(weight, input, bias, transposed=False)
    counts = zip(padded, spans, settings["stride"], strict=True)
    places = tuple([(n - span) // s + 1 for n, span, s in counts])
    out = convolve(batch, weight, bias, Slide(shape[2:], places, **settings, groups=groups))
    in_format_of(out, batch, weight)
    return out if input.array.ndim == dims + 2 else squeeze(out, 0)


def _transposed(
    name: str,
    dims: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: Any,
    dilation: Any,
) -> Any:
    settings = {
        "stride": sizes(name, stride, "stride"),
        "padding": sizes(name, padding, "padding"),
        "dilation": sizes(name, dilation, "dilation"),
        "output_padding": sizes(name, output_padding, "output_padding"),
    }
    batch, groups = checked(name, dims, input, weight, bias, settings, groups)
    more = settings.pop("output_padding")
    shape = batch.array.shape
    channels, outputs, *kernel = weight.array.shape
    if shape[1] != channels:
        raise RuntimeError(
            f"Given transposed=1, weight of size {list(weight.array.shape)}, expected "
            f"input{list(input.array.shape)} to have {channels} channels, but got {shape[1]} "
            "channels instead. The weight is (C, O / groups, ...), the input (N, C, ...)."
        )
    check_bias("transposed=1, weight", weight, bias, outputs * groups)
    if any(m >= s and m >= d for m, s, d in zip(more, *list(settings.values())[::2], strict=True)):
        raise RuntimeError(
            "output padding must be smaller than either stride or dilation, but got "
            f"{in_words(dims, output_padding=more, **settings)}"
        )
    places = shape[2:]
    found = zip(places, kernel, more, *settings.values(), strict=True)
    full = tuple([(n - 1) * s - 2 * p + d * (k - 1) + m + 1 for n, k, m, s, p, d in found])
    if any(n <= 0 for n in full):
        raise RuntimeError(
            f"Given input size per channel: ({by(places)}). Calculated output size per channel: "
            f"({by(full)}). Output size is too small"
        )
    check_dtypes(weight, input, bias, transposed=True)
    out = spread(batch, weight, bias, Slide(full, places, **settings, groups=groups))
    in_format_of(out, batch, weight)
    return out if input.array.ndim == dims + 2 else squeeze(out, 0)
