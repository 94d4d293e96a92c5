"""Mixed precision, which needs a GPU: without one, code written for it computes in full precision.

`autocast` and `GradScaler` for "cuda" warn that there is none and then do nothing, as torch's do.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from minigrad.devices import device as a_device
from minigrad.dtypes import bfloat16, float16
from minigrad.dtypes import dtype as a_dtype

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd"]


class autocast:
    """A context, or a decorator, in which nothing changes.

    Raises NotImplementedError for "cpu" and no dtype, bfloat16 or float16, unless
    ``enabled=False``: torch would compute in these. Of another dtype it warns, as torch's, which
    then changes nothing either. Entering it raises TypeError for what is no dtype.
    """

    def __init__(
        self,
        device_type: str,
        dtype: Any = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        if not isinstance(device_type, str):
            raise ValueError(
                f"Expected `device_type` of type `str`, got: `{type(device_type)}`. Give x.device."
                "type for the device of a tensor x."
            )
        kind = a_device(device_type).type
        if enabled and kind == "cpu":
            if dtype in (None, bfloat16, float16):
                raise NotImplementedError(
                    f'autocast("cpu") would compute in {dtype or "bfloat16"}, which is not '
                    "supported. Give enabled=False, or leave autocast out."
                )
            warnings.warn(
                "In CPU autocast, but the target dtype is not supported. Disabling autocast.\n"
                "CPU Autocast only supports dtypes of minigrad.bfloat16, minigrad.float16 "
                "currently.",
                stacklevel=2,
            )
        elif enabled:
            warnings.warn(f"{kind.upper()} is not available. Disabling autocast.", stacklevel=2)
        self.device = kind
        self.fast_dtype = dtype

    def __enter__(self) -> autocast:
        if not (self.fast_dtype is None or isinstance(self.fast_dtype, a_dtype)):
            raise TypeError(
                "set_autocast_dtype(): argument 'dtype' (position 2) must be minigrad.dtype, not "
                f"{type(self.fast_dtype).__name__}"
            )
        return self

    def __exit__(self, *raised: Any) -> None:
        pass

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, to be run in this context."""

        @functools.wraps(function)
        def inside(*args: Any, **settings: Any) -> Any:
            with self:
                return function(*args, **settings)

        return inside


class GradScaler:
    """The scaling of a loss against underflow in half precision; here it leaves all as it is.

    Raises NotImplementedError for "cpu", unless ``enabled=False``.
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 65536.0,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        kind = a_device(device).type
        if enabled and kind == "cpu":
            raise NotImplementedError(
                'GradScaler("cpu") is not supported: nothing here computes in half precision. '
                "Give enabled=False, or leave it out."
            )
        if enabled:
            warnings.warn(
                f"GradScaler is enabled, but {kind.upper()} is not available.  Disabling.",
                stacklevel=2,
            )

    def scale(self, outputs: Any) -> Any:
        """``outputs``, as they are."""
        return outputs

    def unscale_(self, optimizer: Any) -> None:
        """Leave the gradients as they are."""

    def step(self, optimizer: Any, *args: Any, **settings: Any) -> Any:
        """``optimizer.step(*args, **settings)``"""
        return optimizer.step(*args, **settings)

    def update(self, new_scale: Any = None) -> None:
        """Do nothing."""

    def get_scale(self) -> float:
        """1.0"""
        return 1.0

    def is_enabled(self) -> bool:
        """False."""
        return False

    def state_dict(self) -> dict[str, Any]:
        """Empty."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Do nothing."""


def custom_fwd(fwd: Any = None, *, device_type: str = "cuda", cast_inputs: Any = None) -> Any:
    """Decorate the ``forward`` of a custom Function; nothing is cast here."""
    return (lambda function: function) if fwd is None else fwd


def custom_bwd(bwd: Any = None, *, device_type: str = "cuda") -> Any:
    """Decorate the ``backward`` of a custom Function; nothing is cast here."""
    return (lambda function: function) if bwd is None else bwd


def is_autocast_enabled(device_type: str | None = None) -> bool:
    """False: nothing is cast."""
    return False
