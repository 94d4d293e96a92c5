"""Max pooling over windows at random places."""

from __future__ import annotations

from typing import Any

from minigrad.nn import functional as F
from minigrad.nn.modules.module import Module
from minigrad.nn.modules.sizes import repeated

__all__ = ["FractionalMaxPool2d", "FractionalMaxPool3d"]


class FractionalMaxPool(Module):
    """What the two have in common."""

    dims: int

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:
        super().__init__()
        if output_size is None and output_ratio is None:
            raise ValueError(
                f"{type(self).__name__} requires specifying either an output size, or a pooling "
                "ratio"
            )
        if output_size is not None and output_ratio is not None:
            raise ValueError("only one of output_size and output_ratio may be specified")
        self.kernel_size = repeated(kernel_size, self.dims)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else repeated(output_size, self.dims)
        self.output_ratio = None if output_ratio is None else repeated(output_ratio, self.dims)
        if self.output_ratio is not None and not all(
            0 < self.output_ratio[i] < 1 for i in range(self.dims)
        ):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")

    def forward(self, input: Any) -> Any:
        pool = getattr(F, f"fractional_max_pool{self.dims}d")
        return pool(
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            _random_samples=self._random_samples,
        )


class FractionalMaxPool2d(FractionalMaxPool):
    """The maximum of windows at random places; see `functional.fractional_max_pool2d`.

    Raises ValueError unless one of ``output_size`` and ``output_ratio`` is given, and for a ratio
    that is not between 0 and 1.
    """

    dims = 2


class FractionalMaxPool3d(FractionalMaxPool):
    """`FractionalMaxPool2d` with three spatial dimensions."""

    dims = 3

    def __init__(self, kernel_size: Any, *args: Any, **settings: Any) -> None:
        numbers = kernel_size if isinstance(kernel_size, list | tuple) else [kernel_size]
        if any(isinstance(k, int) and k <= 0 for k in numbers):
            raise ValueError(f"kernel_size must be greater than 0, but got {kernel_size}")
        super().__init__(kernel_size, *args, **settings)
