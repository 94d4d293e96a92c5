"""The arguments of pooling over windows, checked, with torch's errors."""

from __future__ import annotations

from typing import Any

from minigrad.errors import type_name
from minigrad.nn.functional.sizes import WORDS, Sizes, for_each_dim, sizes
from minigrad.ops.arguments import need_tensor
from minigrad.ops.pooling import Even

Numbers = tuple[int, int, int, int]  # kernel, stride, padding and dilation along one dimension


def window_settings(
    name: str, dims: int, kernel: Any, stride: Any, padding: Any, dilation: Any = 1
) -> list[Numbers]:
    """Kernel, stride, padding and dilation along each dimension; an image has at least two."""
    if stride is None or (isinstance(stride, list | tuple) and not stride):
        stride = kernel
    arguments = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    found = []
    for position, (argument, given) in enumerate(arguments.items(), 2):
        numbers = sizes(name, given, argument, position)
        if len(numbers) not in (1, dims):
            raise wrong_length(name, dims, argument, len(numbers))
        found.append(for_each_dim(numbers, dims))
    along: list[Numbers] = list(zip(*found, strict=True))
    return along if dims > 1 else [(1, 1, 0, 1), *along]


def wrong_length(name: str, dims: int, argument: str, length: int) -> RuntimeError:
    if name == "max_pool1d":
        kinds = "None, an int, list of ints, or" if argument == "stride" else "an int, list of ints"
        kinds += "," if argument == "padding" else ""
        kinds += "" if argument == "stride" else " or"
        return RuntimeError(
            f"{name}() {argument} must be {kinds} tuple of ints of size 1 but got size {length}"
        )
    if dims == 1:
        return RuntimeError(f"{name}() argument '{argument}' should contain one int (got {length})")
    either = "" if name == "avg_pool3d" else "either "
    must = "must be either " if argument == "dilation" else f"must {either}be "
    omitted = "omitted, " if argument == "stride" else ""
    return RuntimeError(
        f"{name}: {argument} {must}{omitted}a single int, or a tuple of {WORDS[dims]} ints"
    )


def check_line(name: str, input: Any) -> None:
    need_tensor(name, input)
    ndim = input.array.ndim
    if ndim not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {ndim}-dimensional tensor for argument #1 'self' "
            f"(while checking arguments for {name})"
        )


def check_max_pool1d(input: Any, settings: list[Numbers], return_indices: bool) -> None:
    """Without indices torch has another implementation, and other words."""
    name = "max_pool1d"
    need_tensor(name, input)
    shape, dtype = input.array.shape, input.array.dtype
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(
            f"{name}: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for "
            f"input, but got:{list(shape)}"
        )
    if return_indices:
        return
    kernel, stride, padding, dilation = settings[-1]
    for argument, n in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
        if n <= 0:
            raise RuntimeError(f"{name}() {argument} must be greater than zero, but got {n}")
    if padding < 0:
        raise RuntimeError(f"{name}() padding must be non-negative, but got {padding}")
    if padding > kernel // 2:
        raise RuntimeError(
            f"{name}() padding should be at most half of kernel size, but got padding={padding} "
            f"and kernel_size={kernel}"
        )
    if dtype.kind != "f":
        raise NotImplementedError(f"\"{name}_impl\" not implemented for '{type_name(dtype)}'")


def windows(name: str, input: Any, settings: list[Numbers], ceil_mode: bool) -> list[Even]:
    """The windows along each spatial dimension, when the numbers are in order."""
    need_tensor(name, input)
    shape, dims = input.array.shape, len(settings)
    if len(shape) not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"non-empty {dims + 1}D or {dims + 2}D (batch mode) tensor expected for input"
        )
    if name != "max_pool1d" and max(map(max, settings)) >= 2**31:
        raise RuntimeError("value cannot be converted to type int without overflow")
    for kernel, stride, padding, dilation in settings:
        if stride == 0:
            raise RuntimeError("stride should not be zero")
        if padding < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {padding}")
        if padding > ((kernel - 1) * dilation + 1) // 2:
            raise RuntimeError(
                "pad should be at most half of effective kernel size, but got "
                f"pad={padding}, kernel_size={kernel} and dilation={dilation}"
            )
    letters = ("T", "H", "W")[-dims:]
    for i, what in ((0, "kernel size"), (1, "stride"), (3, "dilation")):
        given = [each[i] for each in settings]
        if min(given) <= 0:
            prefix = {"kernel size": "k", "stride": "d", "dilation": "dilation"}[what]
            found = " ".join(f"{prefix}{x}: {n}" for x, n in zip(letters, given, strict=True))
            raise RuntimeError(f"{what} should be greater than zero, but got {found}")
    check_not_empty(name, shape, dims)
    check_padding(letters, settings)
    if name == "avg_pool3d":
        check_volume(shape, letters, settings)
    pairs = zip(shape[-dims:], settings, strict=True)
    lines = [line_of(n, numbers, ceil_mode) for n, numbers in pairs]
    counts = [line.number for line in lines]
    if min(counts) < 1:
        if name == "max_pool1d":
            raise RuntimeError(f"{name}() Invalid computed output size: {counts[-1]}")
        before = shape[-dims - 1 : -dims]
        was, is_now = ("x".join(map(str, (*before, *n))) for n in (shape[-dims:], counts))
        raise RuntimeError(
            f"Given input size: ({was}). Calculated output size: ({is_now}). Output size is too "
            "small"
        )
    return lines


def check_padding(letters: Any, settings: list[Numbers]) -> None:
    """Without dilation, too, at most half of a window may be padding."""
    if any(padding > kernel // 2 for kernel, _, padding, _ in settings):
        found = [f"pad{x} = {n[2]}" for x, n in zip(letters, settings, strict=True)][::-1]
        found += [f"k{x} = {n[0]}" for x, n in zip(letters, settings, strict=True)][::-1]
        if len(letters) == 3:
            found = [f"k{x}: {settings[i][0]}" for x, i in (("T", 0), ("W", 2), ("H", 1))]
            found += [f"pad{x}: {settings[i][2]}" for x, i in (("T", 0), ("W", 2), ("H", 1))]
        raise RuntimeError(
            "pad should be smaller than or equal to half of kernel size, but got "
            f"{(' ' if len(letters) == 3 else ', ').join(found)}"
        )


def check_volume(shape: Sizes, letters: Any, settings: list[Numbers]) -> None:
    """torch wants a whole window inside, in three dimensions only."""
    kernel = [numbers[0] for numbers in settings]
    if any(n < k for n, k in zip(shape[-3:], kernel, strict=True)):
        size, window = (
            " ".join(f"{k}{x}: {n}" for x, n in zip(letters, numbers, strict=True))
            for k, numbers in (("", shape[-3:]), ("k", kernel))
        )
        raise RuntimeError(f"input image ({size}) smaller than kernel size ({window})")


def check_not_empty(name: str, shape: Sizes, dims: int) -> None:
    if 0 not in shape[-dims - 1 :]:
        return
    if dims == 2:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{list(shape)}"
        )
    function = f"{name}_with_indices_out_cpu_template" if name == "max_pool3d" else name
    raise RuntimeError(
        f"{function}(): Expected input's non-batch dimensions to have positive length, but input "
        f"has a shape of {list(shape)} and non-batch dimension 0 has length zero!"
    )


def line_of(size: int, numbers: Numbers, ceil_mode: bool) -> Even:
    kernel, stride, padding, dilation = numbers
    span = (kernel - 1) * dilation + 1
    count = (size + 2 * padding - span + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode and (count - 1) * stride >= size + padding:
        count -= 1  # the last window would begin in the padding
    return Even(size, count, kernel, stride, padding, dilation)
