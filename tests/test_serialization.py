"""Saving and loading: what comes back, what is refused, what a hostile file cannot do."""

import io
import json
import pickle
import random
import zipfile
from collections import Counter, OrderedDict

import numpy as np
import pytest

import minigrad
from minigrad import nn, optim
from tests.judge import judged

try:
    import safetensors.numpy
except ImportError:
    safetensors = None

needs_safetensors = pytest.mark.skipif(safetensors is None, reason="safetensors is not installed")


def there_and_back(x):
    file = io.BytesIO()
    minigrad.save(x, file)
    file.seek(0)
    return minigrad.load(file)


def same(ours, saved):
    """Equal in every type, key, order, number, dtype, stride and flag."""
    assert type(ours) is type(saved)
    if isinstance(saved, minigrad.Tensor):
        assert ours.dtype == saved.dtype
        assert ours.shape == saved.shape
        assert ours.stride() == saved.stride()
        assert ours.requires_grad == saved.requires_grad
        assert ours.is_leaf
        assert ours.array.flags.writeable
        np.testing.assert_array_equal(ours.array, saved.array)
    elif isinstance(saved, dict):
        assert list(ours) == list(saved)
        for key in saved:
            same(ours[key], saved[key])
    elif isinstance(saved, list | tuple):
        assert len(ours) == len(saved)
        for a, b in zip(ours, saved, strict=True):
            same(a, b)
    else:
        np.testing.assert_array_equal(ours, saved)
        assert getattr(ours, "dtype", None) == getattr(saved, "dtype", None)


def trained():
    """A model, its optimizer and scheduler after a step."""
    minigrad.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    scheduler = optim.lr_scheduler.MultiStepLR(optimizer, [3, 5, 5])
    (model(minigrad.randn(5, 4)) ** 2).sum().backward()
    optimizer.step()
    scheduler.step()
    return model, optimizer, scheduler


def test_a_checkpoint() -> None:
    model, optimizer, scheduler = trained()
    checkpoint = {
        "epoch": 3,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "loss": 0.25,
        "random": minigrad.get_rng_state(),
    }
    loaded = there_and_back(checkpoint)
    same(loaded, checkpoint)
    model, optimizer, scheduler = trained()
    model.load_state_dict(loaded["model"])
    optimizer.load_state_dict(loaded["optimizer"])
    scheduler.load_state_dict(loaded["scheduler"])
    same(optimizer.state_dict(), checkpoint["optimizer"])


VALUES = {
    "numbers": [1, -2.5, True, None, "text", 2**80, float("nan"), -float("inf"), 1e-320, -0.0],
    "containers": {1: (2, [3.5], ()), "a": OrderedDict(z=1, a=2), (1, "b"): Counter("aab")},
    "sets": [{1, 2}, frozenset({"a"})],
    "sizes and dtypes": [minigrad.ones(2, 3).shape, minigrad.float16, minigrad.device("cpu")],
    "numpy": [np.arange(3), np.float64(2.5), np.int8(3), np.bool_(True)],
    "numpy's state": np.random.RandomState(3).get_state(),
    "numpy's unsigned": [np.arange(3, dtype=np.uint16), np.uint64(2**64 - 1)],
    "dtypes": [minigrad.ones(2, dtype=d.dtype and d) for d in minigrad.dtypes.OF_NUMPY.values()],
    "shapes": [minigrad.tensor(3.0), minigrad.ones(2, 3).t(), minigrad.ones(2, 3)[:, 1]],
    "gradients wanted": [minigrad.ones(2, requires_grad=True), nn.Parameter(minigrad.ones(2))],
    "a frozen parameter": nn.Parameter(minigrad.ones(2), requires_grad=False),
    "a tensor": minigrad.arange(6).reshape(2, 3),
}


@pytest.mark.parametrize("what", VALUES)
def test_values(what) -> None:
    saved = VALUES[what]
    if what == "shapes":  # the elements of a slice are packed
        saved = [*saved[:2], saved[2].clone()]
    same(there_and_back(saved), saved)


def test_a_result_comes_back_as_a_leaf() -> None:
    x = there_and_back(minigrad.ones(2, requires_grad=True) * 2)
    assert x.is_leaf
    assert x.requires_grad


def test_shared_memory_is_written_once_and_shared_again() -> None:
    x = minigrad.ones(1000)
    file = io.BytesIO()
    minigrad.save({"a": x, "b": x.detach(), "part": x[1:]}, file)
    assert 8000 < len(file.getvalue()) < 10_000
    file.seek(0)
    loaded = minigrad.load(file)
    loaded["a"].add_(1)
    assert loaded["b"][0] == 2
    assert loaded["b"]._version == 1
    assert loaded["part"][0] == 1


@pytest.mark.parametrize("name", ["model.pt", "model.pth", "no ending", "model.npz"])
def test_paths(tmp_path, name) -> None:
    path = tmp_path / name
    minigrad.save({"w": minigrad.ones(2)}, path)
    assert [each.name for each in tmp_path.iterdir()] == [name]
    for given in (path, str(path)):
        assert minigrad.load(given, map_location="cpu", weights_only=True)["w"].tolist() == [1, 1]
    with path.open("rb") as file:
        assert minigrad.load(file, map_location=minigrad.device("cpu"))["w"].tolist() == [1, 1]


def through(t, saving, loading):
    file = io.BytesIO()
    t.save({"a": t.arange(3)}, file, **saving)
    file.seek(0)
    return t.load(file, **loading)["a"].tolist()


@judged
def test_what_is_said_of_pickles(t):
    return (
        through(t, {"pickle_module": pickle, "pickle_protocol": 4}, {"pickle_module": pickle}),
        through(t, {"_use_new_zipfile_serialization": False}, {"weights_only": None}),
        through(t, {}, {"encoding": "latin1", "weights_only": False}),
    )


@judged(raises="Can not safely load weights when explicit pickle_module is specified")
def test_a_pickle_module_and_weights_only(t):
    return through(t, {}, {"pickle_module": pickle, "weights_only": True})


def test_other_places_are_refused() -> None:
    with pytest.raises(RuntimeError, match=r"'cuda'.*has one"):
        minigrad.load("any", map_location="cuda")


UNSAVABLE = {
    "a module": (nn.Linear(2, 2), "Save its state_dict"),
    "an optimizer": (optim.SGD([minigrad.ones(2)]), "Save its state_dict"),
    "a function": ({"f": len}, "builtin_function_or_method"),
    "an object": ([object()], "builtins.object"),
    "bytes": (b"b", "builtins.bytes"),
    "complex": (1j, "builtins.complex"),
}


@pytest.mark.parametrize("what", UNSAVABLE)
def test_what_cannot_be_saved_leaves_the_file_alone(tmp_path, what) -> None:
    value, text = UNSAVABLE[what]
    path = tmp_path / "kept.pt"
    path.write_bytes(b"kept")
    with pytest.raises(TypeError, match=text):
        minigrad.save(value, path)
    assert path.read_bytes() == b"kept"


def test_a_list_that_contains_itself() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="contains itself"):
        minigrad.save(loop, io.BytesIO())


def test_arrays_of_objects_and_of_other_dtypes() -> None:
    for array in (np.array([None]), np.array(["a"]), np.ones(2, complex)):
        with pytest.raises(TypeError, match=r"can't convert np\.ndarray"):
            minigrad.save(array, io.BytesIO())


# Files of other origin, and damaged ones.

TENSOR = {"tensor": 0, "requires_grad": False}


def npy(array, **options) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


ONES = npy(np.ones(3, np.float32))


def archive(structure, array=ONES, compression=zipfile.ZIP_STORED, **more) -> bytes:
    text = structure if isinstance(structure, bytes) else json.dumps(structure).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as writer:
        writer.writestr("0.npy", array)
        writer.writestr("structure.npy", npy(np.frombuffer(text, np.uint8)))
        for name, content in more.items():
            writer.writestr(name, content)
    return file.getvalue()


class Trap:
    """Whose pickle, when read, would fail the test."""

    def __reduce__(self):
        return pytest.fail, ("code from the file was run",)


def legacy() -> bytes:
    return pickle.dumps({"a": Trap()})


FOREIGN = {
    "a pickle": (legacy(), "it is a pickle"),
    "a checkpoint of torch": (
        archive(TENSOR, **{"archive/data.pkl": legacy()}),
        "checkpoint of torch's",
    ),
    "an npz of numpy": (archive(TENSOR).replace(b"structure", b"structurA"), "without minigrad's"),
    "empty": (b"", "an empty file"),
    "text": (b"hello, world", "no file that save"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_foreign_files(what) -> None:
    data, text = FOREIGN[what]
    with pytest.raises(RuntimeError, match=text) as caught:
        minigrad.load(io.BytesIO(data))
    assert "safetensors.torch.save_file" in str(caught.value)


@pytest.mark.torch
@pytest.mark.parametrize("zipped", [True, False])
def test_checkpoints_of_torch(zipped) -> None:
    import torch

    file = io.BytesIO()
    torch.save({"w": torch.ones(2)}, file, _use_new_zipfile_serialization=zipped)
    file.seek(0)
    with pytest.raises(RuntimeError, match="a checkpoint of torch's" if zipped else "a pickle"):
        minigrad.load(file)


def header(old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    return ONES.replace(old, new)


HOSTILE = {
    "objects": archive(TENSOR, npy(np.array([Trap()]), allow_pickle=True)),
    "compressed": archive(TENSOR, compression=zipfile.ZIP_DEFLATED),
    "a shape too large": archive(TENSOR, header(b"(3,)", b"(9,)")),
    "a shape too small": archive(TENSOR, header(b"(3,)", b"(2,)")),
    "a negative shape": archive(TENSOR, header(b"(3,), ", b"(-3,),")),
    "a huge shape": archive(
        TENSOR, header(b"(3,), }" + b" " * 12, b"(" + b"9" * 12 + b",), }" + b" ")
    ),
    "a dtype of objects": archive(TENSOR, header(b"<f4", b"|O8")),
    "the other byte order": archive(TENSOR, header(b"<f4", b">f4")),
    "a tensor of unsigned numbers": archive(TENSOR, npy(np.ones(3, np.uint32))),
    "complex numbers": archive(TENSOR, header(b"<f4", b"<c8")),
    "no header": archive(TENSOR, b"abc"),
    "half an array": archive(TENSOR, ONES[:-1]),
    "a header that is code": archive(TENSOR, header(b"'<f4'", b"exit(")),
    "no such array": archive({"tensor": 1, "requires_grad": False}),
    "a negative number": archive({"tensor": -1, "requires_grad": False}),
    "a number in words": archive({"number": "0"}),
    "True as number": archive({"tensor": True, "requires_grad": False}),
    "integers with gradients": archive({"tensor": 0, "requires_grad": True}, npy(np.arange(3))),
    "an unknown kind": archive({"os.system": ["ls"]}),
    "nothing": archive({}),
    "a bare list": archive([1]),
    "two kinds": archive({"list": [], "tuple": []}),
    "a dict of triples": archive({"dict": [[1, 2, 3]]}),
    "a list as key": archive({"dict": [[{"list": []}, 1]]}),
    "a list in a set": archive({"set": [{"list": []}]}),
    "a size in words": archive({"Size": ["a"]}),
    "an unknown dtype": archive({"dtype": "object"}),
    "an unknown device": archive({"device": "moon"}),
    "a list that is none": archive({"list": 3}),
    "no JSON": archive(b"{"),
    "no text": archive(b"\xff\xfe"),
    "deep": archive(b'{"list":[' * 100_000),
    "half a file": archive(TENSOR)[:-30],
    "a member missing in the middle": archive(TENSOR)[:20] + archive(TENSOR)[60:],
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files(what) -> None:
    with pytest.raises(RuntimeError, match="load\\(\\) cannot read this file: it is damaged"):
        minigrad.load(io.BytesIO(HOSTILE[what]))


def test_members_that_overlap_are_refused() -> None:
    """A zip bomb without compression: many entries of the directory for one array."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as writer:
        writer.writestr("0.npy", npy(np.zeros(10_000)))
        writer.writestr("structure.npy", npy(np.frombuffer(b"1", np.uint8)))
        for i in range(1, 50):
            entry = zipfile.ZipInfo(f"{i}.npy")
            first = writer.getinfo("0.npy")
            entry.header_offset, entry.CRC = first.header_offset, first.CRC
            entry.file_size = entry.compress_size = first.file_size
            writer.filelist.append(entry)
    with pytest.raises(RuntimeError, match="larger than the file"):
        minigrad.load(io.BytesIO(file.getvalue()))


@pytest.mark.parametrize("form", ["npz", "safetensors"])
def test_flipped_bytes_raise_nothing_but_a_clear_error(form) -> None:
    if form == "npz":
        file = io.BytesIO()
        minigrad.save({"a": minigrad.ones(2), "b": [1, "c"]}, file)
        good = file.getvalue()
    elif safetensors is None:
        pytest.skip("safetensors is not installed")
    else:
        good = safetensors.numpy.save({"a": np.ones(2), "b": np.arange(3)})
    chosen = random.Random(0)
    refused = 0
    for _ in range(300):
        data = bytearray(good)
        for _ in range(chosen.choice([1, 1, 3])):
            data[chosen.randrange(len(data))] = chosen.randrange(256)
        try:
            minigrad.load(io.BytesIO(bytes(data[: chosen.choice([len(data), -7])])))
        except RuntimeError:
            refused += 1
    assert 150 < refused < 300


# safetensors.


@needs_safetensors
def test_a_safetensors_file_and_back(tmp_path) -> None:
    model, _, _ = trained()
    path = tmp_path / "model.safetensors"
    minigrad.save(model.state_dict(), path)
    loaded = minigrad.load(path)
    assert loaded.keys() == model.state_dict().keys()
    for name, x in model.state_dict().items():
        same(loaded[name], x.detach())
    loaded["0.weight"].add_(1)
    with path.open("rb") as file:
        assert minigrad.load(file).keys() == loaded.keys()


@needs_safetensors
@pytest.mark.torch
def test_torch_reads_ours_and_we_read_torchs(tmp_path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    ours = {
        "matrix": minigrad.arange(6.0).reshape(2, 3).t(),
        "number": minigrad.tensor(3),
        "half": minigrad.ones(2, dtype=minigrad.float16),
        "flags": minigrad.tensor([True, False]),
        "empty": minigrad.zeros(0, 2),
    }
    minigrad.save(ours, tmp_path / "ours.safetensors")
    theirs = load_file(tmp_path / "ours.safetensors")
    for name, x in ours.items():
        assert str(x.dtype).partition(".")[2] == str(theirs[name].dtype).partition(".")[2]
        np.testing.assert_array_equal(x.numpy(), theirs[name].numpy())
    metadata = {"format": "pt"}
    save_file(theirs, tmp_path / "theirs.safetensors", metadata=metadata)
    for name, x in minigrad.load(tmp_path / "theirs.safetensors").items():
        same(x, ours[name].contiguous())
    save_file({"x": torch.ones(2).bfloat16()}, tmp_path / "b.safetensors")
    with pytest.raises(RuntimeError, match=r"BF16.*numpy lacks"):
        minigrad.load(tmp_path / "b.safetensors")


def test_safetensors_holds_names_and_tensors_only(tmp_path) -> None:
    for value in ({"epoch": 1}, [minigrad.ones(2)], {1: minigrad.ones(2)}):
        with pytest.raises(TypeError, match="a dict from names to tensors"):
            minigrad.save(value, tmp_path / "x.safetensors")


def test_without_the_package(monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "safetensors", None)
    monkeypatch.setitem(__import__("sys").modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match="pip install"):
        minigrad.save({"w": minigrad.ones(2)}, tmp_path / "x.safetensors")
    with pytest.raises(ImportError, match="pip install"):
        minigrad.load(io.BytesIO((2).to_bytes(8, "little") + b"{}\n"))
