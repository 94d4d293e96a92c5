"""Saving and loading, without running any code from the file.

A file is numpy's npz form: a zip of arrays, one ``.npy`` for each tensor, and one more with the
structure around them as JSON::

    save({"epoch": 3, "model": {"w": w}}, "checkpoint.pt")

    0.npy           w
    structure.npy   {"dict": [["epoch", 3], ["model", {"dict": [["w", {"tensor": 0, ...}]]}]]}

A path that ends in ``.safetensors`` gives the form of the library of that name instead.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Array, Value, wrap
from minigrad.devices import device
from minigrad.nn.parameter import Parameter
from minigrad.size import Size

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

__all__ = ["load", "save"]

MAP_LOCATION: TypeAlias = Callable[[Any, str], Any] | device | str | dict[str, str] | None
STRUCTURE = "structure.npy"
ALONE = (bool, int, float, str, type(None))  # what JSON says as it is
SEQUENCES: dict[str, Any] = {kind.__name__: kind for kind in (list, tuple, set, frozenset, Size)}
MAPPINGS: dict[str, Any] = {kind.__name__: kind for kind in (dict, OrderedDict, Counter)}
WIDE = {np.dtype(name) for name in ("uint16", "uint32", "uint64")}  # numpy.random's state has one
LARGEST_HEADER = 10_000  # of a .npy, in bytes; numpy's own limit


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = None,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:
    """Write tensors, and what holds them, to ``f``: a path, or a file open for writing bytes.

    obj: tensors and parameters, numpy arrays, numbers, strings, bools, None, dtypes and sizes, in
    dicts (ordered ones and counters too), lists, tuples and sets, however nested: state dicts, and
    checkpoints made of them. If the path ends in ``.safetensors``: a dict from names to tensors,
    which torch and others can read; their requires_grad and order are not kept, and the package
    ``safetensors`` is needed.

    The other arguments are torch's, about the pickle that it writes, and have no effect.

    Tensors of the same memory, shape and strides are written once, and share memory again when they
    are loaded. Other views are written for themselves. Raises TypeError for what cannot be saved,
    before the file is touched: a module, say, whose ``state_dict()`` is what to save.
    """
    if not (hasattr(f, "write") or isinstance(f, str | os.PathLike)):
        raise AttributeError(
            "expected 'f' to be string, path, or a file-like object with a 'write' attribute"
        )
    if not hasattr(f, "write") and os.fspath(f).endswith(".safetensors"):
        save_safetensors(obj, f)
        return
    arrays = Arrays()
    try:
        structure = json.dumps(described(obj, arrays))
    except RecursionError:
        raise ValueError("save(): the object contains itself, or is nested too deeply") from None
    named = {str(i): array for i, array in enumerate(arrays.kept)}
    named["structure"] = np.frombuffer(structure.encode(), np.uint8)
    if hasattr(f, "write"):
        np.savez(f, **named)  # type: ignore[arg-type]
    else:
        with open(f, "wb") as file:  # numpy would add .npz to the name
            np.savez(file, **named)  # type: ignore[arg-type]


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: Any = None,
    **pickle_load_args: Any,
) -> Any:
    """What `save` wrote to ``f``, a path or a file open for reading bytes; or a safetensors file's
    dict of tensors, whoever wrote it.

    map_location: may name the CPU, where everything is. The other arguments are of no effect, since
    no file makes `load` run code. Raises RuntimeError for a damaged file, and for pickles, torch's
    checkpoints among them: convert these, where torch is installed, with
    ``safetensors.torch.save_file(torch.load(path), "model.safetensors")``; and, as torch, for a
    pickle_module with weights_only=True.
    """
    if pickle_module is not None and weights_only:
        raise RuntimeError(
            "Can not safely load weights when explicit pickle_module is specified. Leave one out."
        )
    check_location(map_location)
    if hasattr(f, "read"):
        data = f.read()
    elif not isinstance(f, str | bytes | os.PathLike):  # least of all the number of an open file
        raise AttributeError(
            f"'{type(f).__name__}' object has no attribute 'seek'. Give a path, or a file open for "
            "reading bytes."
        )
    else:
        with open(f, "rb") as file:
            data = file.read()
    if not isinstance(data, bytes):
        raise TypeError("load(): the file must be open for reading bytes: open(path, 'rb')")
    if data[:4] == b"PK\x03\x04":
        return from_zip(data)
    if is_safetensors(data):
        return from_safetensors(data)
    found = "a pickle" if data[:1] == b"\x80" else "no file that save() writes"
    raise refused(found if data else "an empty file")


def check_location(location: Any) -> None:
    """Refuse a place for the tensors that does not exist."""
    places = location.values() if isinstance(location, dict) else [location]
    for place in places:
        if isinstance(place, str | device) and device(place).type != "cpu":
            raise RuntimeError(
                f"load(): map_location names the device {str(place)!r}, and minigrad has one, "
                "'cpu'."
            )


def refused(found: str) -> RuntimeError:
    return RuntimeError(
        f"load() cannot read this file: it is {found}. It reads what minigrad.save() wrote, and "
        "safetensors files; never pickles, which can run any code. Convert a checkpoint of torch's "
        "where torch is installed: safetensors.torch.save_file(torch.load(path), "
        "'model.safetensors')"
    )


def damaged(what: str) -> RuntimeError:
    return RuntimeError(f"load() cannot read this file: it is damaged, {what}.")


# The structure, written and read.


class Arrays:
    """The arrays to be written, each under its number."""

    def __init__(self) -> None:
        self.kept: list[Array] = []
        self.numbers: dict[Any, int] = {}

    def number(self, array: Array) -> int:
        place = array.__array_interface__["data"][0], array.shape, array.strides, array.dtype
        if place not in self.numbers:
            self.numbers[place] = len(self.kept)
            self.kept.append(array)
        return self.numbers[place]


def described(x: Any, arrays: Arrays) -> Any:
    """The JSON for ``x``; its arrays are added to ``arrays``."""
    kind = type(x)
    if kind in ALONE:
        return x
    if isinstance(x, Value):
        number = arrays.number(x.array)
        name = "parameter" if isinstance(x, Parameter) else "tensor"
        return {name: number, "requires_grad": x.requires_grad}
    if kind is np.ndarray or isinstance(x, np.generic):
        array = np.asarray(x)
        if array.dtype not in WIDE:
            dtypes.of_numpy(array.dtype)
        return {"array" if kind is np.ndarray else "number": arrays.number(array)}
    if kind is dtypes.dtype:
        return {"dtype": x.name}
    if kind is device and x.type == "cpu":
        return {"device": str(x)}
    if MAPPINGS.get(kind.__name__) is kind:
        pairs = [[described(k, arrays), described(v, arrays)] for k, v in x.items()]
        return {kind.__name__: pairs}
    if SEQUENCES.get(kind.__name__) is kind:
        return {kind.__name__: [described(part, arrays) for part in x]}
    advice = "its state_dict()" if hasattr(x, "state_dict") else "the tensors and numbers in it"
    raise TypeError(
        f"save() cannot save a {kind.__module__}.{kind.__qualname__}: loading one would run code. "
        f"Save {advice} instead."
    )


class Structure:
    """Builds what a JSON text describes, from arrays by number."""

    def __init__(self, array_of: Callable[[int], Array]) -> None:
        self.array_of = array_of
        self.versions: dict[int, list[int]] = {}

    def build(self, x: Any) -> Any:
        if type(x) in ALONE:
            return x
        if type(x) is not dict or not x:
            raise damaged("with a structure that save() does not write")
        name, *rest = x
        content = x[name]
        if name in ("tensor", "parameter") and rest == ["requires_grad"]:
            return self.tensor(name, content, x["requires_grad"] is True)
        if rest:
            raise damaged(f"with a structure that save() does not write: {name}, {rest}")
        if name in ("array", "number"):
            array = self.array_of(content)
            return array if name == "array" else array[()]
        if name == "dtype":
            found = [d for d in dtypes.OF_NUMPY.values() if d.name == content]
            if not found:
                raise damaged(f"with the unknown dtype {content!r}")
            return found[0]
        if name == "device":
            if content not in ("cpu", "cpu:0"):
                raise damaged(f"with the unknown device {content!r}")
            return device(content)
        if not isinstance(content, list):
            raise damaged(f"with a structure that save() does not write: {name}")
        if name == "Size" and any(type(n) is not int for n in content):
            raise damaged("with a size that is no integer")
        if name in SEQUENCES:
            return SEQUENCES[name]([self.build(part) for part in content])
        if name in MAPPINGS and all(type(p) is list and len(p) == 2 for p in content):
            pairs = [(self.build(key), self.build(value)) for key, value in content]
            return MAPPINGS[name](dict(pairs))
        raise damaged(f"with a structure that save() does not write: {name}")

    def tensor(self, name: str, number: Any, requires_grad: bool) -> Any:
        array = self.array_of(number)
        if array.dtype in WIDE:
            raise damaged(f"with a tensor of {array.dtype}")
        made: Any = wrap(array)
        # Tensors of one memory share the count of writes too.
        made.version = self.versions.setdefault(number, made.version)
        if requires_grad and made.array.dtype.kind != "f":
            raise damaged("with integers that require grad")
        return (
            Parameter(made, requires_grad)
            if name == "parameter"
            else made.requires_grad_(requires_grad)
        )


def from_zip(data: bytes) -> Any:
    """What an npz file contains. Members are checked against the file before they are read."""
    import zipfile  # here, since it costs a twentieth of the time to import minigrad

    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = {info.filename: info for info in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise damaged(f"as a zip file: {error}") from None
    if any(name.endswith("data.pkl") for name in members):
        raise refused("a checkpoint of torch's, which has a pickle in it")
    if STRUCTURE not in members:
        raise refused("a zip file without minigrad's structure in it")
    if any(info.compress_type != zipfile.ZIP_STORED for info in members.values()):
        raise damaged("with compressed arrays, where save() does not compress")
    if sum(info.file_size for info in members.values()) > len(data):
        raise damaged("with arrays that are larger than the file")

    arrays: dict[int, Array] = {}

    def array_of(number: Any) -> Array:
        if type(number) is not int or f"{number}.npy" not in members:
            raise damaged(f"without the array {number!r}")
        if number not in arrays:
            arrays[number] = read_array(archive, members[f"{number}.npy"])
        return arrays[number]

    text = read_array(archive, members[STRUCTURE]).tobytes()
    try:
        return Structure(array_of).build(json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise damaged(f"with a structure that save() does not write: {error}") from None


def read_array(archive: ZipFile, info: ZipInfo) -> Array:
    """One array, by numpy's reader, once its header fits the size of the member."""
    read = np.lib.format
    try:
        with archive.open(info) as member:
            version = read.read_magic(member)
            header = {
                (1, 0): read.read_array_header_1_0,
                (2, 0): read.read_array_header_2_0,
            }[version]
            shape, _, dtype = header(member, max_header_size=LARGEST_HEADER)
            size = math.prod(shape) * dtype.itemsize
            if dtype not in dtypes.OF_NUMPY and dtype not in WIDE:
                raise ValueError(f"elements of the dtype {dtype}")
            if min(shape, default=0) < 0 or member.tell() + size != info.file_size:
                raise ValueError(f"the shape {shape} does not fit its {info.file_size} bytes")
            member.seek(0)
            return read.read_array(member, allow_pickle=False)
    except Exception as error:  # of zipfile's, of numpy's, and of the tokenizer that numpy uses
        raise damaged(f"in {info.filename}: {error}") from None


# The safetensors form.


def library() -> Any:
    """The package safetensors, which is optional."""
    try:
        import safetensors.numpy
    except ImportError:
        raise ImportError(
            "safetensors files need the package safetensors: "
            "pip install 'minigrad-autodiff[io]', or pip install safetensors"
        ) from None
    return safetensors


def save_safetensors(tensors: Any, path: Any) -> None:
    flat = isinstance(tensors, dict) and all(
        isinstance(key, str) and isinstance(value, Value) for key, value in tensors.items()
    )
    if not flat:
        raise TypeError(
            "save(): a .safetensors file holds a dict from names to tensors, and nothing else. "
            "Choose another ending for the path to save anything more."
        )
    arrays = {key: np.array(value.array, order="C", copy=None) for key, value in tensors.items()}
    library().numpy.save_file(arrays, path)


def is_safetensors(data: bytes) -> bool:
    """Whether the file begins with the length of a JSON header, and the header."""
    return len(data) > 8 and data[8:9] == b"{" and int.from_bytes(data[:8], "little") < len(data)


def from_safetensors(data: bytes) -> dict[str, Any]:
    safetensors = library()
    try:
        arrays = safetensors.numpy.load(data)
    except KeyError as error:
        raise RuntimeError(f"load(): the file has the dtype {error}, which numpy lacks") from None
    except (safetensors.SafetensorError, ValueError) as error:
        raise damaged(f"as a safetensors file: {error}") from None
    for name, array in arrays.items():
        if array.dtype not in dtypes.OF_NUMPY:
            raise RuntimeError(
                f"load(): {name!r} has the dtype {array.dtype}, which is not torch's"
            )
    return {name: wrap(array.copy()) for name, array in arrays.items()}
