"""Tensors from data and ranges, against torch: dtypes, copies, and what is refused."""

from typing import get_args

import numpy as np
import pytest

import minigrad
from tests.judge import judged

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
DATA = [
    1, 1.5, True, 0, -3, 2**40, float("inf"), [], [[]], [[], []], [1, 2], [1.0, 2], [True, 2],
    [True, False], [True, 1.5], [[1, 2], [3, 4]], [[[1.5]]], (1, 2), [(1, 2), [3, 4]], range(3),
    [1e40], 1e40, [np.float32(1.5), 2], [np.float64(1.5)], [np.int32(1), 2], [np.int32(1)],
    [1.5, np.float64(2)], [np.float16(1), np.float32(2)], [True, np.bool_(False)], [[], [1]],
    [np.array([1, 2], np.int32)], [np.array([1.5]), [2]], [[1, 2], np.array([3, 4])], 2**63 - 1,
]  # fmt: skip


@pytest.mark.parametrize("values", DATA, ids=str)
@judged
def test_tensor(t, values):
    return t.tensor(values)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "values", [1, 1.75, True, [1, 2], [1.75, -0.5], [[True], [False]], []], ids=str
)
@judged
def test_tensor_of_a_dtype(t, values, dtype):
    if values == [1.75, -0.5] and dtype == "uint8":
        return None  # C leaves open what a negative float is as an unsigned integer
    return t.tensor(values, dtype=getattr(t, dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@judged
def test_tensor_of_an_array(t, dtype):
    a = np.array([[1, 0], [2, 3]], dtype=dtype)
    return [
        t.tensor(a), t.tensor(a.T), t.tensor(a[0, 0]), t.tensor(a[:, 1]), t.tensor([a, a]),
        t.from_numpy(a), t.from_numpy(a.T), t.as_tensor(a), t.tensor(a, dtype=t.float64),
        t.tensor(list(a)), t.tensor([a[0, 0], a[1, 1]]), t.as_tensor(a, dtype=t.float32),
    ]  # fmt: skip


@judged
def test_tensor_of_tensors(t):
    x = t.tensor([1.0, 2.0], dtype=t.float64)
    n = t.tensor(3)
    return t.tensor([n, n]), t.tensor([x[0], 5.0]), t.tensor([[n, 1], [2, n]]), t.as_tensor(x) is x


def test_what_is_copied_and_what_is_shared() -> None:
    a = np.zeros(3)
    copied, shared, as_is = minigrad.tensor(a), minigrad.from_numpy(a), minigrad.as_tensor(a)
    a[0] = 1
    assert copied.tolist() == [0, 0, 0]
    assert shared.tolist() == as_is.tolist() == [1, 0, 0]
    shared.add_(1)
    assert a.tolist() == [2, 1, 1]
    converted = minigrad.as_tensor(a, dtype=minigrad.float32)
    a[0] = 9
    assert converted.tolist() == [2, 1, 1]


def test_from_numpy_of_0d_and_of_strided_arrays() -> None:
    a = np.arange(6.0).reshape(2, 3)
    x = minigrad.from_numpy(a.T[1:, ::2])
    x.fill_(7)
    assert a.tolist() == [[0, 7, 7], [3, 4, 5]]
    zero = np.array(1.0)
    minigrad.from_numpy(zero).add_(1)
    assert zero == 2.0


@pytest.mark.parametrize(
    "make",
    [
        lambda t: t.tensor([[1, 2], [3]]),
        lambda t: t.tensor([1, [2]]),
        lambda t: t.tensor([[1], 2]),
        lambda t: t.tensor([[[1, 2]], [[3]]]),
        lambda t: t.tensor("text"),
        lambda t: t.tensor(["text"]),
        lambda t: t.tensor(None),
        lambda t: t.tensor([None]),
        lambda t: t.tensor({}),
        lambda t: t.tensor(object()),
        lambda t: t.tensor(np.array(["a"])),
        lambda t: t.tensor(np.array([None])),
        lambda t: t.tensor(np.array([1, 2], dtype=">f8")),
        lambda t: t.from_numpy([1.0]),
        lambda t: t.from_numpy(np.zeros(3)[::-1]),
        lambda t: t.from_numpy(np.zeros(3, dtype=">f4")),
        lambda t: t.from_numpy(np.array(["a"])),
        lambda t: t.tensor(np.zeros(3)[::-1]),
        lambda t: t.tensor([t.ones(2), t.ones(2)]),
        lambda t: t.tensor(2**63),
        lambda t: t.tensor(300, dtype=t.uint8),
        lambda t: t.tensor([-129], dtype=t.int8),
        lambda t: t.tensor([1, 2**40], dtype=t.int32),
        lambda t: t.tensor(float("nan"), dtype=t.int64),
        lambda t: t.full((2,), 300, dtype=t.uint8),
        lambda t: t.full((2,), 2**40, dtype=t.int32),
        lambda t: t.full_like(t.tensor([1], dtype=t.int8), 200),
    ],
)
@judged(raises="")
def test_data_that_is_refused(t, make):
    make(t)


@judged
def test_requires_grad(t):
    made = [
        t.tensor([1.0], requires_grad=True),
        t.zeros(2, requires_grad=True),
        t.ones(2, 3, requires_grad=True),
        t.full((2,), 1.5, requires_grad=True),
        t.eye(2, requires_grad=True),
        t.arange(3.0, requires_grad=True),
        t.linspace(0, 1, 3, requires_grad=True),
        t.zeros_like(t.ones(2), requires_grad=True),
        t.ones_like(t.ones(2), requires_grad=True),
        t.full_like(t.ones(2), 3, requires_grad=True),
    ]
    with t.no_grad():
        made.append(t.ones(2, requires_grad=True))
    return made


@pytest.mark.parametrize("size", [(3,), (2, 3), (0,), (2, 0), ([2, 3],), ((2, 3),), ((),)], ids=str)
@pytest.mark.parametrize("name", ["zeros", "ones"])
@judged
def test_zeros_and_ones(t, name, size):
    f = getattr(t, name)
    return f(*size), f(*size, dtype=t.int64), f(t.Size([2, 3])), f(t.ones(2, 1).shape)


@judged
def test_empty_has_the_shape_and_dtype(t):
    x = t.empty(2, 3, dtype=t.float64)
    return x.shape, x.dtype, t.empty((2,)).shape, t.empty(0)


@judged
def test_full(t):
    return [
        t.full((2, 3), 1.5), t.full((2,), 1), t.full((2,), True), t.full([], 2.0),
        t.full((2,), 1, dtype=t.float32), t.full((), 3), t.full((2,), float("nan")),
        t.full((1,), t.tensor(2.5)), t.full((2,), 1.5, dtype=t.float64),
    ]  # fmt: skip


@judged
def test_like_another(t):
    results = []
    for x in (t.ones(2, 3).t(), t.tensor([1, 2]), t.tensor(1.5), t.ones(2, 1).expand(2, 3)):
        results += [t.zeros_like(x), t.ones_like(x), t.full_like(x, 7), t.full_like(x, 1.5)]
        results.append(t.zeros_like(x, dtype=t.float64))
        results.append(t.ones_like(x, dtype=t.int8))
    return results


@judged
def test_eye(t):
    return t.eye(3), t.eye(2, 3), t.eye(3, 2), t.eye(0), t.eye(2, dtype=t.int64)


ARANGES = [(5,), (2, 5), (0, 10, 3), (5, 0, -2), (0,), (3, 3), (0.0, 1.0, 0.25), (1, 2.5, 0.5)]
ARANGES += [(0, 1, 0.1), (-3, 3), (1.5,), (0, -1, -0.3), (2.0, 10, 3), (0, 2**40, 2**38)]
ARANGES += [(0.5, 5, 1.5), (0, 1, 1 / 3), (-1, 1, 0.01), (10, -10, -0.7)]


@pytest.mark.parametrize("bounds", ARANGES, ids=str)
@judged
def test_arange(t, bounds):
    return [
        t.arange(*bounds),
        t.arange(*bounds, dtype=t.float64),
        t.arange(*bounds, dtype=t.float32),
    ]


@pytest.mark.parametrize("bounds", [b for b in ARANGES if len(b) < 3 or abs(b[2]) >= 1], ids=str)
@judged
def test_arange_of_integers(t, bounds):
    return t.arange(*bounds, dtype=t.int64), t.arange(*bounds, dtype=t.int32)


LINSPACES = [(0, 1, 5), (0, 1, 2), (0, 1, 1), (0, 1, 0), (1, -1, 7), (0.1, 0.7, 10), (3, 3, 4)]
LINSPACES += [(-1, 1, 100), (0, 10, 11), (-3.14159, 3.14159, 2000), (0, 1e-3, 33), (-5, 100, 17)]


@pytest.mark.parametrize("arguments", LINSPACES, ids=str)
@judged(ulps=1)
def test_linspace(t, arguments):
    return t.linspace(*arguments), t.linspace(*arguments, dtype=t.float64)


def test_linspace_ends_exactly() -> None:
    x = minigrad.linspace(-0.3, 0.7, 1001, dtype=minigrad.float64)
    assert x[0].item() == -0.3
    assert x[-1].item() == 0.7


@pytest.mark.parametrize(
    "make",
    [
        lambda t: t.arange(0, 5, 0),
        lambda t: t.arange(5, 0),
        lambda t: t.arange(0, 5, -1),
        lambda t: t.linspace(0, 1, -1),
        lambda t: t.zeros(-1),
        lambda t: t.ones(2, -3),
        lambda t: t.eye(-1),
        lambda t: t.eye(2, -1),
        lambda t: t.zeros(),
        lambda t: t.ones(),
        lambda t: t.arange(0, 1, 0.25, dtype=t.int64),
    ],
)
@judged(raises="")
def test_ranges_and_sizes_that_are_refused(t, make):
    make(t)


@pytest.mark.parametrize("size", [("a",), (1.5,), (None,), ((2, 1.5),)], ids=str)
def test_sizes_that_are_no_integers(size) -> None:
    with pytest.raises(TypeError):
        minigrad.zeros(*size)


@judged
def test_device(t):
    return t.zeros(2, device="cpu"), t.tensor([1.0], device="cpu"), t.arange(3, device="cpu")


# Options that all share.


@pytest.mark.parametrize(
    "make",
    [
        lambda t, **o: t.zeros(2, **o),
        lambda t, **o: t.ones((2, 3), **o),
        lambda t, **o: t.full((2,), 3, **o),
        lambda t, **o: t.eye(2, 3, **o),
        lambda t, **o: t.arange(3, **o),
        lambda t, **o: t.linspace(0, 1, 3, **o),
        lambda t, **o: t.logspace(0, 1, 3, **o),
        lambda t, **o: t.scalar_tensor(3, **o),
        lambda t, **o: t.zeros_like(t.ones(2, 3).t(), **o),
        lambda t, **o: t.ones_like(t.ones(2, 3)[:, ::2], **o),
        lambda t, **o: t.full_like(t.ones(1, 3).expand(2, 3), 3, **o),
        lambda t, **o: t.ones(2).new_zeros(2, 3, **o),
        lambda t, **o: t.ones(2, dtype=t.int64).new_ones((2, 3), **o),
        lambda t, **o: t.ones(2).new_full([2, 3], 4, **o),
        lambda t, **o: t.ones(2, dtype=t.int64).new_tensor([1.5, 2], **o),
        lambda t, **o: t.tensor([1, 2], **o),
    ],
)
@judged
def test_options(t, make):
    return [
        make(t), make(t, dtype=t.float64), make(t, dtype=t.int32), make(t, dtype=None),
        make(t, device="cpu"), make(t, device=t.device("cpu")), make(t, device=None),
        make(t, dtype=t.float32, requires_grad=True), make(t, dtype=float), make(t, dtype=int),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.zeros(2, foo=1),
        lambda t: t.zeros(2, device="cuda"),
        lambda t: t.zeros(2, device="cuda:1"),
        lambda t: t.zeros(2, device=t.device("cuda")),
        lambda t: t.zeros(2, device="nowhere"),
        lambda t: t.zeros(2, device=0),
        lambda t: t.zeros(2, device=3.5),
        lambda t: t.zeros(2, dtype="float32"),
        lambda t: t.zeros(2, dtype=np.float32),
        lambda t: t.zeros(2, requires_grad=1),
        lambda t: t.zeros(2, dtype=t.int64, requires_grad=True),
        lambda t: t.zeros(2, pin_memory=True),
        lambda t: t.zeros(),
        lambda t: t.zeros(2.5),
        lambda t: t.zeros(2, 2.5),
        lambda t: t.zeros("a"),
        lambda t: t.zeros(None),
        lambda t: t.zeros(True),
        lambda t: t.zeros(np.array([2, 3])),
        lambda t: t.zeros(t.tensor([2, 3])),
        lambda t: t.zeros(-1),
        lambda t: t.ones(-1),
        lambda t: t.full(2, 3),
        lambda t: t.full((2,), None),
        lambda t: t.full((2,), "a"),
        lambda t: t.full((2,), t.tensor([1, 2])),
        lambda t: t.zeros_like([1]),
        lambda t: t.eye(2.5),
        lambda t: t.eye(2, -1),
        lambda t: t.arange(3, dtype=t.bool),
        lambda t: t.arange(0, float("inf")),
        lambda t: t.linspace(0, 1, -1),
        lambda t: t.linspace(0, 1, 3, dtype=t.bool),
        lambda t: t.linspace(t.tensor([0.0]), 1, 3),
        lambda t: t.logspace(0, 1, -1),
        lambda t: t.tril_indices(2.5, 2),
        lambda t: t.triu_indices(-1, 3),
        lambda t: t.triu_indices(2, 2, dtype=t.float32),
        lambda t: t.tensor([1.0], device="cuda"),
        lambda t: t.tensor([1.0], requires_grad=1),
        lambda t: t.tensor(data=[1], foo=2),
        lambda t: t.tensor({1, 2}),
        lambda t: t.tensor(b"ab"),
        lambda t: t.as_tensor("a"),
        lambda t: t.as_tensor([1], device="cuda"),
        lambda t: t.asarray("a"),
        lambda t: t.asarray([1.0], copy=False),
        lambda t: t.ones(2).new_zeros(),
        lambda t: t.ones(2).new_full(2, 3),
        lambda t: t.ones(2, dtype=t.int64).new_zeros(2, requires_grad=True),
    ],
)
@judged(raises="")
def test_options_and_arguments_that_are_refused(t, f):
    f(t)


@judged
def test_sizes(t):
    n, m = t.tensor(2), t.tensor(3)
    return t.zeros(n, m), t.zeros([n, 3]), t.ones(np.int64(2)), t.zeros(size=(2, 0)), t.ones(())


@judged
def test_triangles(t):
    sizes = [(3, 3), (3, 4, 1), (4, 3, -1), (3, 3, 5), (3, 3, -5), (0, 3), (2, 0)]
    made = [f(*size) for f in (t.tril_indices, t.triu_indices) for size in sizes]
    return made, t.tril_indices(2, 2, dtype=t.int32)


@judged
def test_logspace(t):
    return [
        t.logspace(0, 2, 5), t.logspace(-1, 1, 4, base=2), t.logspace(0, 2, 3, 2),
        t.logspace(0, 2, 1),
        t.logspace(0, 3, 4, dtype=t.int64), t.logspace(-1, 1, 4, base=-2), t.logspace(0, 1, 0),
        t.logspace(0, 2, 5, dtype=t.float64), t.logspace(t.tensor(0.0), t.tensor(2), 3),
    ]  # fmt: skip


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float16", "float64"])
@judged
def test_linspace_of_a_dtype(t, dtype):
    d = getattr(t, dtype)
    ends = [(0, 10, 5), (0, 9, 5), (1, 7, 50), (4.3, 9, 50), (3, 3, 4)]
    return [t.linspace(*e, dtype=d) for e in ends], t.linspace(
        t.tensor(0.0), 1, t.tensor(3), dtype=d
    )


@judged
def test_range_which_includes_its_end(t):
    return t.range(1, 3), t.range(0, 1, 0.25), t.range(5, 1, -2)


@judged
def test_large_integers_of_a_range(t):
    return t.arange(2**53, 2**53 + 3), t.arange(-(2**60), -(2**60) + 9, 4), t.arange(True)


@judged
def test_sequences_of_other_kinds(t):
    from array import array
    from collections import deque

    return [
        t.tensor(deque([1, 2])), t.tensor(bytearray(b"ab")), t.tensor(array("i", [1, 2])),
        t.tensor([range(2), range(2)]), t.tensor([(1.5, True), [2, 3]]), t.tensor([[], []]),
        t.tensor([np.arange(3), np.arange(3)]), t.tensor([np.float32(1), np.float32(2)]),
    ]  # fmt: skip


def test_a_tensor_of_a_tensor_warns() -> None:
    x = minigrad.ones(2)
    for f in minigrad.tensor, minigrad.zeros(1).new_tensor:
        with pytest.warns(UserWarning, match="To copy construct from a tensor"):
            y = f(x)
        y[0] = 5
    assert x.tolist() == [1, 1]


@judged
def test_asarray(t):
    x, z = t.ones(2, requires_grad=True), t.ones(2, requires_grad=True)
    y = t.zeros(2)
    a = np.zeros(2)
    shared = [t.asarray(y), t.asarray(a), t.asarray(y, copy=False)]
    apart = [t.asarray(y, copy=True), t.asarray(a, copy=True), t.asarray(y, dtype=t.float64)]
    y[0], a[1] = 5, 7
    leaves = [t.asarray([1, 2]), t.asarray(3, dtype=t.float64), t.asarray(np.float32(2))]
    leaves += [t.asarray([1.0], requires_grad=True), t.asarray(x, requires_grad=True)]
    return shared, apart, leaves, t.asarray(z, requires_grad=False), t.asarray(y) is y


# The old constructors.


@judged
def test_old_constructors(t):
    f, n = t.ones(2), t.ones(2, dtype=t.int64)
    return [
        t.Tensor(), t.Tensor([1, 2]), t.Tensor((1, 2)), t.Tensor(np.array([1, 2])),
        t.Tensor(f).tolist(),
        t.Tensor([[True, False]]), t.Tensor(range(3)), t.Tensor([f[0], f[1]]), t.Tensor([1e40]),
        t.LongTensor([1, 2]), t.LongTensor(np.array([1, 2])), t.FloatTensor([1, 2]),
        t.DoubleTensor([1.5]), t.IntTensor([1]), t.ShortTensor([1]), t.ByteTensor([1]),
        t.BoolTensor([0, 2]), t.HalfTensor([1]), t.CharTensor([-1]), n.new([1, 2]), f.new([1, 2]),
        t.Tensor(2, 3).shape, t.Tensor(5).shape, t.Tensor(t.Size([2, 3])).shape,
        t.LongTensor(2, 2).shape, f.new(2, 3).shape, t.FloatTensor(2).dtype, t.Tensor(2).dtype,
        type(t.FloatTensor([1.0])) is t.Tensor, isinstance(f, t.FloatTensor),
        isinstance(n, t.FloatTensor), isinstance(n, t.LongTensor), isinstance(3, t.LongTensor),
        str(t.FloatTensor), t.FloatTensor.dtype,
    ]  # fmt: skip


def test_an_old_constructor_shares_the_memory_of_a_tensor() -> None:
    x = minigrad.zeros(2)
    minigrad.Tensor(x)[0] = 5
    assert x.tolist() == [5, 0]


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.Tensor(3.5),
        lambda t: t.Tensor("a"),
        lambda t: t.Tensor(None),
        lambda t: t.Tensor({}),
        lambda t: t.Tensor(True),
        lambda t: t.Tensor([[1, 2], [3]]),
        lambda t: t.Tensor([1], device="cuda"),
        lambda t: t.ByteTensor([300]),
    ],
)
@judged(raises="")
def test_old_constructors_refuse(t, f):
    f(t)


@judged
def test_default_tensor_type(t):
    try:
        t.set_default_tensor_type(t.DoubleTensor)
        made = [t.ones(1), t.Tensor([1])]
        t.set_default_tensor_type("torch.FloatTensor")
        return made, t.ones(1)
    finally:
        t.set_default_dtype(t.float32)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.set_default_tensor_type(t.LongTensor),
        lambda t: t.set_default_tensor_type("torch.cuda.FloatTensor"),
        lambda t: t.set_default_dtype(t.int64),
    ],
)
@judged(raises="")
def test_default_types_that_are_refused(t, f):
    f(t)


@pytest.mark.parametrize("values", [[1, "a"], [[1], ["a"]]])
@judged(raises="new.*: invalid data type 'str'")
def test_text_behind_numbers(t, values):
    t.tensor(values)


@pytest.mark.parametrize("dtype", ["float32", "int64"])
@judged(raises="step must be nonzero")
def test_arange_by_nan(t, dtype):
    t.arange(0, 1, float("nan"), dtype=getattr(t, dtype))


@judged
def test_arange_up_to_an_element(t):
    return [t.arange(n) for n in t.tensor([2, 3])], t.arange(t.tensor([1.0, 2.5])[1])


@judged(raises="must be Number")
def test_arange_up_to_an_element_of_what_requires_grad(t):
    t.arange(t.ones(2, requires_grad=True)[0])


@judged
def test_types_of_tensors_in_annotations(t):
    unions = t.LongTensor | None, None | t.FloatTensor, t.LongTensor | t.FloatTensor
    return [(len(get_args(u)), type(None) in get_args(u)) for u in unions]


@judged
def test_the_type_tensor_is_that_of_the_default_dtype(t):
    return (t.ones(2) > 0).type(t.Tensor), t.ones(2, dtype=t.float64).type(t.Tensor).dtype


@judged
def test_ends_that_require_grad(t):
    x = t.tensor(1.0, requires_grad=True)
    return t.linspace(x, 2, 3), t.logspace(0, x, 2)


@judged
@pytest.mark.parametrize("sizes", [(2, 3, 4, 4), (5, 1, 5, 5), (5, 2, 1, 1)])
def test_the_order_of_channels(t, sizes):
    x = t.ones(sizes, requires_grad=True)
    last = x.to(t.float32, memory_format=t.channels_last)
    first = last.to(t.float32, memory_format=t.contiguous_format)
    clone = x.clone(memory_format=t.channels_last)
    return [(y is x, y.stride(), y.grad_fn is None) for y in (last, first, clone)]
