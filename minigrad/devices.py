"""Devices. minigrad has one, the CPU; others can be named and asked for, and are refused."""

from __future__ import annotations

from typing import Any

__all__ = ["device", "get_default_device", "set_default_device"]

TYPES = (
    "cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, "
    "mps, meta, hpu, mtia, privateuseone"
)


class device:
    """The name of a place for tensors: a type, such as "cpu" or "cuda", and perhaps a number.

    Given as ``device("cuda:1")`` or ``device("cuda", 1)``. It need not exist. In a block ``with
    device(...)`` it is the default one.
    """

    __module__ = "minigrad"  # as the class is shown
    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __new__(cls, type: Any, index: Any = None) -> device:
        if isinstance(type, device):
            return type
        if isinstance(type, int):
            raise RuntimeError(
                "Cannot access accelerator device when none is available. A number alone names "
                "an accelerator, and minigrad runs on the CPU."
            )
        if not isinstance(type, str):
            raise TypeError(
                "device() received an invalid combination of arguments - got "
                f"({type.__class__.__name__}), but expected a string"
            )
        if index is not None and not isinstance(index, int):
            kind = index.__class__.__name__
            raise TypeError(f"device(): argument 'index' (position 2) must be int, not {kind}")
        name, colon, number = type.partition(":")
        if not type:
            raise RuntimeError("Device string must not be empty")
        if not name.replace("_", "").isalpha():
            raise RuntimeError(f"Invalid device string: '{type}'")
        if name not in TYPES.split(", "):
            raise RuntimeError(
                f"Expected one of {TYPES} device type at start of device string: {name}"
            )
        if colon:
            if not number.isdecimal() or index is not None:
                raise RuntimeError(f"Invalid device string: '{type}'")
            index = int(number)
        self = object.__new__(cls)
        object.__setattr__(self, "type", name)
        object.__setattr__(self, "index", index)
        return self

    def __enter__(self) -> device:
        entered.append(_default[0])
        set_default_device(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _default[0] = entered.pop()

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"attribute '{name}' of a device cannot be changed")

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> Any:
        return device, (self.type, self.index)

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        number = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{number})"


CPU = device("cpu")
_default = [CPU]
entered: list[device] = []  # the defaults outside of the blocks ``with device(...)``


def get_default_device() -> device:
    """The device on which tensors are made: the CPU, unless another has been set."""
    return _default[0]


def set_default_device(device: Any) -> None:
    """Make ``device`` the default. For another than the CPU, making tensors then fails."""
    _default[0] = CPU if device is None else globals()["device"](device)


def need_cpu(function: str, wanted: Any) -> None:
    """Raise unless ``wanted``, a device, its name, or None for the default, is the CPU."""
    if wanted is None:
        wanted = _default[0]
    elif isinstance(wanted, bool) or not isinstance(wanted, device | str | int):
        raise TypeError(
            f"{function}(): argument 'device' must be minigrad.device, not {type(wanted).__name__}"
        )
    name = device(wanted).type
    if name == "cpu":
        return
    if name in ("cuda", "xpu"):
        raise AssertionError(
            f"Torch not compiled with {name.upper()} enabled: minigrad computes with numpy, on "
            "the CPU. Choose the device with minigrad.cuda.is_available()."
        )
    raise RuntimeError(
        f"PyTorch is not linked with support for {name} devices: minigrad computes with numpy, on "
        "the CPU."
    )
