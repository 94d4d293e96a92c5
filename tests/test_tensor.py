"""The Tensor's face against torch: what it says of itself, conversions, protocols, errors."""

import math

import numpy as np
import pytest

import minigrad
from tests.judge import data, judged

SHAPES = [(), (0,), (1,), (3,), (2, 3), (2, 0, 3), (1, 1)]
DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("shape", SHAPES)
@judged
def test_what_a_tensor_is(t, shape):
    x = t.tensor(data(*shape))
    return [
        x.shape, x.size(), x.ndim, x.dim(), x.numel(), x.nelement(), x.dtype, x.is_contiguous(),
        x.element_size(), x.is_floating_point(), x.requires_grad, x.is_leaf, x.grad, x.grad_fn,
        x.output_nr, x._version, x._is_view(), x._base, x.shape.numel(), len(x.shape),
        isinstance(x.shape, tuple), x.shape == shape, x.stride() if x.numel() else None,
    ]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@judged
def test_dtypes(t, dtype):
    x = t.ones(2, dtype=getattr(t, dtype))
    d = x.dtype
    flags = d.is_floating_point, d.is_complex, d.is_signed, d.itemsize
    return d, flags, x.is_floating_point(), x.element_size(), d is getattr(t, dtype), x.tolist()


@judged
def test_names_of_dtypes(t):
    return [
        t.float is t.float32, t.double is t.float64, t.half is t.float16, t.long is t.int64,
        t.int is t.int32, t.short is t.int16, repr(t.float32), str(t.bool), t.float32 == t.float64,
        len({t.float32, t.float, t.int64}),
    ]  # fmt: skip


@judged
def test_sizes_of_dimensions(t):
    x = t.ones(2, 3, 4)
    return (
        x.size(0),
        x.size(-1),
        x.shape[1],
        tuple(x.shape[-2:]),
        x.stride(),
        x.stride(1),
        x.stride(-1),
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
@judged
def test_numbers_of_one_element(t, dtype, shape):
    x = t.ones(shape, dtype=getattr(t, dtype))
    item = x.item()
    return type(item).__name__, item, float(x), int(x), bool(x), f"{float(x):.2f}"


@pytest.mark.parametrize("shape", [(0,), (2,), (2, 3)])
@pytest.mark.parametrize("f", [lambda x: x.item(), float, int, bool], ids=str)
@judged(raises="")
def test_numbers_of_other_sizes(t, f, shape):
    f(t.ones(shape))


@judged
def test_tolist_and_numpy(t):
    x = t.tensor([[1, 2], [3, 4]])
    y = t.tensor(1.5)
    return x.tolist(), y.tolist(), x.numpy(), y.numpy(), t.zeros(2, 0).tolist(), x.t().numpy()


def test_numpy_shares_memory() -> None:
    x = minigrad.zeros(3)
    array = x.numpy()
    array[0] = 5
    x[1] = 7
    assert x.tolist() == [5.0, 7.0, 0.0]
    assert array.tolist() == [5.0, 7.0, 0.0]
    assert isinstance(minigrad.tensor(1.0).numpy(), np.ndarray)


@judged(raises=r"Can't call numpy\(\) on Tensor that requires grad")
def test_numpy_of_a_leaf_that_requires_grad(t):
    t.ones(2, requires_grad=True).numpy()


@judged(raises=r"Can't call numpy\(\) on Tensor that requires grad")
def test_numpy_of_a_result(t):
    (t.ones(2, requires_grad=True) * 2).numpy()


@judged(raises=r"Can't call numpy\(\) on Tensor that requires grad")
def test_an_array_of_a_tensor_that_requires_grad(t):
    np.asarray(t.ones(2, requires_grad=True))


@judged
def test_numpy_by_force_and_by_detaching(t):
    x = t.ones(2, requires_grad=True)
    return x.numpy(force=True), x.detach().numpy(), np.asarray(x.detach()), np.array(t.ones(2))


@judged
def test_data(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    view = y.data
    view.add_(1)
    x.data = t.tensor([5.0, 6.0])
    return x, y, view, type(view) is t.Tensor, view is y


@judged(raises="")
def test_data_that_is_no_tensor(t):
    t.ones(2).data = 1.0


@judged
def test_iteration_and_length(t):
    x = t.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    rows = list(x)
    (rows[0] * rows[1]).sum().backward()
    a, b = t.tensor([1.0, 2.0])
    return x, len(x), len(t.zeros(0)), [row.detach().clone() for row in rows], a, b


@pytest.mark.parametrize("f", [len, iter, list], ids=str)
@judged(raises="of a 0-d tensor|over a 0-d tensor")
def test_0d_tensors_have_no_length(t, f):
    f(t.tensor(1.0))


@judged
def test_membership(t):
    x = t.tensor([1.0, 2.0])
    return 1.0 in x, 3 in x, t.tensor(2.0) in x


@judged
def test_tensors_are_looked_up_by_identity(t):
    x, y = t.ones(2), t.ones(2)
    table = {x: "x", y: "y"}
    return table[x], table[y], len(table), any(z is y for z in [x, y])


@judged
def test_as_an_index(t):
    n = t.tensor(1)
    return [10, 20, 30][n], list(range(t.tensor([2]))), t.zeros(t.tensor(2), 3).shape, 5 * "a" * n


@pytest.mark.parametrize("make", [lambda t: t.tensor(1.0), lambda t: t.tensor([1, 2])])
@judged(raises="only integer tensors of a single element can be converted to an index")
def test_not_an_index(t, make):
    [10, 20, 30][make(t)]


@judged
def test_formatting(t):
    x = t.tensor(3.14159)
    return f"{x:.2f}", f"{x:8.3f}", f"{t.tensor(3):d}", f"{x.item():.1f}", f"{t.tensor(2)}"


@judged(raises="")
def test_formatting_several_elements(t):
    format(t.ones(2), ".2f")


@judged
def test_python_functions(t):
    x = t.tensor([-1.5, 2.0], requires_grad=True)
    y = sum([x, x, x]) + abs(x) + (+x) - (-x) + pow(x, 2)
    y.sum().backward()
    return (
        x,
        y,
        math.sqrt(t.tensor(4.0)),
        max(t.tensor([1, 3, 2])),
        sorted(t.tensor([3, 1]).tolist()),
    )


@judged
def test_reflected_operators(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = (1 + x) * (3 - x) / (2 * x) + 6 / x + 2**x
    y.sum().backward()
    return x, y


@judged
def test_comparisons_give_bool_tensors(t):
    x = t.tensor([1.0, 2.0, 3.0])
    return x == 2, x != 2, x < 2, x > 2, x <= x, x <= 2, x > t.tensor(2), (x == x).all().item() \
        if hasattr(x, "all") else True  # fmt: skip


def test_a_subclass_and_isinstance() -> None:
    x = minigrad.ones(2, requires_grad=True)
    assert isinstance(x, minigrad.Tensor)
    assert type(x * 2) is minigrad.Tensor


def test_every_operator_is_a_method_with_a_docstring() -> None:
    names = [n for n in dir(minigrad.Tensor) if not n.startswith("_")]
    public = [n for n in names if n in vars(minigrad) and callable(getattr(minigrad, n))]
    assert {"exp", "sum", "matmul", "eq"} <= set(public)
    for name in public:
        assert getattr(minigrad, name).__doc__, name


def test_tensors_take_attributes_and_weak_references() -> None:
    import weakref

    x = minigrad.ones(2)
    x.name = "weights"
    assert x.name == "weights"
    ref = weakref.ref(x)
    del x
    assert ref() is None


@judged
def test_grad_of_a_result_is_none(t):
    import warnings

    x = t.ones(2, requires_grad=True)
    y = x * 2
    y.sum().backward()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x, y.grad
