"""Another rounding of torch's own operations: how far an answer moves by it alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

ULPS = 4  # the size of the errors, in units of the last place
# Kernels that are smooth and subtract inside: there, even a short operand is as good as rounded.
SMOOTH = {
    "gelu", "gelu_backward", "silu_backward", "mish", "mish_backward", "tanh_backward",
    "sigmoid_backward", "softplus_backward", "log_sigmoid_backward", "logit_backward",
    "_softmax", "_log_softmax", "_softmax_backward_data", "_log_softmax_backward_data",
}  # fmt: skip

# Kernels that add 1 to what may be nearly -1, and then multiply: the error is in the units of 1.
# Others subtract the largest element, or a sum of it, which leaves an error in the units of that.
CANCELLING = {
    "gelu": lambda x: x,
    "gelu_backward": lambda dy, x: dy * (1 + x.abs()),
    "_log_softmax": lambda x: x.abs().max().expand(x.shape) if x.numel() else x,
}

# Kernels that come so near to 1 that it is anybody's choice whether they reach it.
SATURATING = {"erf", "tanh", "sigmoid"}

# Kernels that add up products, in an order of their own: what is 0 in one may not be in another.
PRODUCTS = {"mm", "bmm", "mv", "dot", "addmm", "addbmm", "baddbmm", "addmv"}

SUMS = {"sum", "mean", "cumsum"}

# Kernels that round what another formula has exactly, such as the third root of 27.
ROOTS = {"linalg_vector_norm", "norm"}

# Kernels that round several times: a short number may be what is left of others.
SEVERAL = {"lerp", "addcmul", "addcdiv"}

# What only shows, repeats or chooses numbers.
MOVES = {
    "view", "_unsafe_view", "_reshape_alias", "as_strided", "detach", "alias", "expand", "slice",
    "select", "transpose", "t", "permute", "squeeze", "unsqueeze", "unbind", "split", "diagonal",
    "split_with_sizes", "unfold", "clone", "copy_", "cat", "stack", "index", "where", "_to_copy",
}  # fmt: skip


class Coarser(TorchDispatchMode):
    """While it is entered, what torch's operations round has errors of a few units more.

    That goes for every operation, inside the derivatives too, and for its operands, as its kernel
    may cancel. What is not rounded stays as it is, so that ties and kinks stay where they are: a
    number that an operand has already, up to its sign, and one of few bits, such as 0.75.

    zeros: whether the sign of a zero that is computed is anybody's choice, too.
    """

    def __init__(self, seed: int, zeros: bool = False) -> None:
        super().__init__()
        self.zeros = zeros
        self.seed = seed
        self.random = np.random.RandomState(seed)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        if name == "_efficientzerotensor":  # it has no memory, which kernels called from here read
            return torch.zeros(*args, **(kwargs or {}))
        given = [x for x in flat(args) if is_float(x)]
        known = {abs(v) for x in given for v in x.flatten().tolist()}
        smooth = name.removesuffix("_") in SMOOTH
        other = tree_map(lambda x: self.moved(x, smooth) if is_float(x) else x, args)
        out = func(*args, **(kwargs or {}))
        results = [x for x in flat(out) if is_float(x) and x.numel()]
        rounded = [~short(x) & ~among(x, known) for x in results]
        if name in PRODUCTS:
            rounded = [mask | (x == 0) for mask, x in zip(rounded, results, strict=True)]
            for x in results:
                self.cancel(x, given)
        if name in ROOTS and args[1:] and args[1] not in (0, 1, 2, math.inf, -math.inf):
            rounded = [x != 0 for x in results]
        if name.removesuffix("_") in SEVERAL and any(bool((~short(x)).any()) for x in given):
            rounded = [x != 0 for x in results]
        if any(bool(mask.any()) for mask in rounded):
            again = flat(func(*other, **(kwargs or {})))
            again = [x for x in again if is_float(x) and x.numel()]
            for x, y, mask in zip(results, again, rounded, strict=True):
                x.copy_(torch.where(mask, y * self.factors(y), x))
        if name in PRODUCTS | SUMS and any(bool((~short(x)).any()) for x in given):
            # Partial sums are rounded, too, of which a short number may be left.
            for x in results:
                if x.numel() < max(y.numel() for y in given):
                    x.add_(largest(name, given) * (self.factors(x) - 1))
        if name.removesuffix("_") in SATURATING:
            for x in results:
                less = x * (1 - (self.factors(x) - 1).abs())
                x.copy_(torch.where(x.abs() == 1, less, x))
        if name in CANCELLING:
            x = CANCELLING[name](*given)
            out = out + x * (self.factors(x) - 1)
        if self.zeros and name not in MOVES:
            for x in results:
                self.turn(x)
        return out

    def cancel(self, x: torch.Tensor, given: list[torch.Tensor]) -> None:
        """Make those sums of products 0, by chance, that are not more than their roundings."""
        terms = max(y.numel() for y in given)
        limit = ULPS * torch.finfo(x.dtype).eps * terms * largest("mm", given)
        zero = torch.tensor(self.random.uniform(0, 1, tuple(x.shape)) < 0.5)
        x.copy_(torch.where((x.abs() <= limit) & zero, 0.0, x))

    def turn(self, x: torch.Tensor) -> None:
        """Give the zeros of ``x`` signs by chance; or all of them the same, by the first seeds."""
        choices = (-1.0, 1.0) if self.seed > 1 else (2.0 * self.seed - 1,)
        signs = torch.tensor(self.random.choice(choices, tuple(x.shape)), dtype=x.dtype)
        x.copy_(torch.where(x == 0, signs * 0.0, x))

    def moved(self, x: torch.Tensor, everywhere: bool) -> torch.Tensor:
        """A copy with an error in each number that may have been rounded."""
        noisy = x * self.factors(x)
        return noisy if everywhere else torch.where(short(x), x, noisy)

    def factors(self, x: torch.Tensor) -> torch.Tensor:
        # Of no fixed size, or the errors of two terms would often cancel.
        sizes = self.random.uniform(0.5, 1, tuple(x.shape))
        signs = self.random.choice((-1.0, 1.0), tuple(x.shape))
        return torch.tensor(1 + ULPS * torch.finfo(x.dtype).eps * sizes * signs, dtype=x.dtype)


def largest(name: str, given: list[torch.Tensor]) -> float:
    """How large a term of a sum may be: in units of it a partial sum is rounded."""
    sizes = [float(y.abs().nan_to_num(0, 0, 0).max()) if y.numel() else 0.0 for y in given]
    return math.prod(sorted(sizes)[-2:]) if name in PRODUCTS else max(sizes)


def flat(x: Any) -> list[Any]:
    """The tensors among arguments or results."""
    if isinstance(x, list | tuple):
        return [y for part in x for y in flat(part)]
    return [x] if isinstance(x, torch.Tensor) else []


def short(x: torch.Tensor) -> torch.Tensor:
    """Which numbers have at most half of the bits that their dtype has: 0, -3, 0.75."""
    digits, _ = torch.frexp(x.float() if x.dtype == torch.float16 else x)
    half = {2: 5, 4: 12, 8: 26}[x.element_size()]
    scaled = digits * 2.0**half
    return (scaled == scaled.trunc()) | ~x.isfinite()


def among(x: torch.Tensor, known: set[float]) -> torch.Tensor:
    found = [abs(v) in known for v in x.flatten().tolist()]
    return torch.tensor(found, dtype=torch.bool).reshape(x.shape)


def is_float(x: Any) -> bool:
    # Of some zeros torch has the shape only, without memory.
    tensor = isinstance(x, torch.Tensor) and x.is_floating_point() and x.device.type == "cpu"
    return tensor and not x._is_zerotensor()
