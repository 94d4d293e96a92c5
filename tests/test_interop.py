"""Memory shared with numpy and, by DLPack, with torch; and what is refused."""

import gc
import warnings
import weakref

import numpy as np
import pytest

import minigrad
from minigrad.utils import dlpack
from tests.judge import judged

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@judged
def test_memory_is_shared_with_numpy(t, dtype):
    a = np.array([[1, 0, 1], [0, 1, 1]], dtype=dtype)
    x = t.from_numpy(a)
    b = x.numpy()
    x[0, 1] = 1
    b[1, 0] = 1
    return a, b, x, t.as_tensor(a), t.from_numpy(a.T[1:]), x.t().numpy().strides


def test_each_side_keeps_its_own_shape() -> None:
    a = np.arange(6.0)
    x = minigrad.from_numpy(a)
    b = x.numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        a.shape = (2, 3)
        b.shape = (3, 2)
    assert x.shape == (6,)


def test_memory_outlives_its_owner() -> None:
    array = minigrad.arange(5.0).numpy()
    tensor = minigrad.from_numpy(np.arange(5.0))
    gc.collect()
    assert array.tolist() == tensor.tolist() == [0, 1, 2, 3, 4]


def test_read_only_arrays_are_never_written_to() -> None:
    a = np.zeros(3)
    a.flags.writeable = False
    for f in minigrad.from_numpy, minigrad.as_tensor, minigrad.from_dlpack:
        with pytest.warns(UserWarning, match="not writable"):
            x = f(a)
        with pytest.raises(ValueError):
            x.add_(1)
        with pytest.raises(BufferError):
            x.__dlpack__()
        assert (x + 1).tolist() == [1, 1, 1]
    y = minigrad.tensor(a)  # a copy
    y.add_(1)
    assert a.tolist() == [0, 0, 0]


@judged
def test_copies_to_numpy(t):
    x = t.ones(2)
    return x.__array__(), np.array(x, dtype=np.int64), np.asarray(x), np.float64(t.tensor(1.5))


@judged(raises=r"Can't call numpy\(\) on Tensor that requires grad")
def test_no_array_of_what_requires_grad(t):
    np.array(t.ones(2, requires_grad=True))


# DLPack.


@pytest.mark.parametrize("dtype", DTYPES)
def test_torch_sees_the_memory(dtype) -> None:
    import torch

    x = minigrad.ones(2, 3, dtype=getattr(minigrad, dtype))
    for view in x, x.t(), x[1], x[:, ::2], x[0, 1]:
        seen = torch.from_dlpack(view)
        assert tuple(seen.shape) == tuple(view.shape)
        assert seen.data_ptr() == view.data_ptr()
        seen.zero_()
        assert not view.numpy().any()
        x.fill_(1)
    assert torch.utils.dlpack.from_dlpack(dlpack.to_dlpack(x)).data_ptr() == x.data_ptr()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_memory_of_torch_is_seen(dtype) -> None:
    import torch

    x = torch.ones(2, 3, dtype=getattr(torch, dtype))
    for view in x, x.t(), x[1], x[:, ::2], x[0, 1]:
        seen = minigrad.from_dlpack(view)
        assert tuple(seen.shape) == tuple(view.shape)
        assert seen.dtype is getattr(minigrad, dtype)
        assert seen.data_ptr() == view.data_ptr()
        seen.zero_()
        assert not view.any()
        x.fill_(1)
    seen = dlpack.from_dlpack(torch.utils.dlpack.to_dlpack(x))
    assert seen.data_ptr() == x.data_ptr()


def test_numpy_speaks_dlpack() -> None:
    a = np.zeros((2, 3))
    x = minigrad.from_dlpack(a.T)
    x[0, 1] = 5
    assert a[1, 0] == 5
    b = np.from_dlpack(x)
    b[...] = 7
    assert x.tolist() == [[7, 7]] * 3


def test_the_memory_is_let_go() -> None:
    class Array(np.ndarray):
        pass

    a = np.zeros(3).view(Array)
    gone = weakref.ref(a)
    x = minigrad.from_dlpack(a)
    del a
    assert x.tolist() == [0, 0, 0]
    del x
    gc.collect()
    assert gone() is None


def test_memory_that_others_would_misread_is_refused() -> None:
    from minigrad.autograd.value import wrap

    backwards = wrap(np.arange(3.0)[::-1])
    with pytest.raises(BufferError, match="negative strides"):
        backwards.__dlpack__()
    with pytest.raises(ValueError, match="negative"):
        minigrad.from_dlpack(np.arange(3.0)[::-1])
    assert minigrad.ones(2).__dlpack_device__() == (1, 0)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.ones(2, requires_grad=True).__dlpack__(),
        lambda t: t.from_dlpack(t.ones(2, requires_grad=True)),
        lambda t: np.from_dlpack(t.ones(2, requires_grad=True) * 2),
        lambda t: t.ones(2).__dlpack__(stream=3),
        lambda t: t.from_dlpack([1]),
        lambda t: t.from_dlpack(np.zeros(3, ">f8")),
    ],
)
@judged(raises="")
def test_what_dlpack_refuses(t, f):
    f(t)


def test_a_capsule_is_used_once() -> None:
    capsule = dlpack.to_dlpack(minigrad.ones(2))
    assert dlpack.from_dlpack(capsule).tolist() == [1, 1]
    with pytest.raises((RuntimeError, ValueError)):
        dlpack.from_dlpack(capsule)


@judged
def test_buffers(t):
    b = bytearray(8)
    x = t.frombuffer(b, dtype=t.int32)
    x[1] = 5
    return list(b), x, t.frombuffer(b, dtype=t.uint8, count=3, offset=4)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.frombuffer([1], dtype=t.float32),
        lambda t: t.frombuffer(bytearray(0), dtype=t.float32),
        lambda t: t.frombuffer(bytearray(2), dtype=t.int16, offset=2),
        lambda t: t.frombuffer(bytearray(2), dtype=t.int16, offset=-1),
        lambda t: t.frombuffer(bytearray(7), dtype=t.float32),
    ],
)
@judged(raises="")
def test_buffers_that_are_refused(t, f):
    f(t)
