"""Indexing against torch: every kind of key, read and written, with gradients and errors."""

import random

import numpy as np
import pytest

import minigrad
from tests.expressions import agree
from tests.judge import both, both_raise, data, judged


def keys(t):
    """Keys for a tensor of shape (3, 4, 2); tensors among them made by the library itself."""
    tensor = t.tensor
    return {
        "0": 0,
        "-1": -1,
        "numpy int": np.int64(1),
        "0-d tensor": tensor(2),
        "slice": slice(1, None),
        "slice from the end": slice(-2, None),
        "beyond the end": slice(1, 100),
        "empty slice": slice(2, 1),
        "steps": slice(None, None, 2),
        "tensor bounds": slice(tensor(0), tensor(2)),
        "everything": slice(None),
        "dots": ...,
        "none": None,
        "nothing": (),
        "0, 1": (0, 1),
        "0, 1, 1": (0, 1, 1),
        "0, :, 1": (0, slice(None), 1),
        "..., 1": (..., 1),
        "1, ...": (1, ...),
        "..., None": (..., None),
        "None, 1, None": (None, 1, None),
        "1:, ::2": (slice(1, None), slice(None, None, 2)),
        "list": [2, 0],
        "list twice the same": [1, 1, 1],
        "empty list": [],
        "tensor": tensor([2, 0, 2]),
        "negative tensor": tensor([-1, 0]),
        "int32 tensor": tensor([1, 0], dtype=t.int32),
        "numpy array": np.array([2, 1]),
        "tensor of two dimensions": tensor([[0, 1], [2, 0]]),
        "empty tensor": tensor([], dtype=t.int64),
        ":, tensor": (slice(None), tensor([3, 0, 3])),
        "..., tensor": (..., tensor([1, 1, 0])),
        "tensor, tensor": (tensor([0, 2]), tensor([3, 3])),
        "tensor, tensor broadcast": (tensor([[0], [2]]), tensor([1, 3])),
        "tensor, :, tensor": (tensor([0, 2]), slice(None), tensor([1, 0])),
        "tensor, 1:, 0": (tensor([0, 2]), slice(1, None), 0),
        "0, tensor": (0, tensor([1, 2])),
        "0, :, tensor": (0, slice(None), tensor([1, 0])),
        "tensor, 1": (tensor([0, 2]), 1),
        ":, 1, tensor": (slice(None), 1, tensor([1, 0])),
        "tensor, None, tensor": (tensor([0, 2]), None, tensor([1, 0])),
        "list, list": ([0, 1], [2, 2]),
        "list, slice": ([0, 1], slice(1, 3)),
        "mask": tensor([True, False, True]),
        "list of bools": [True, False, True],
        "numpy mask": np.array([False, True, True]),
        "mask of none": tensor([False, False, False]),
        "mask of all": tensor([True, True, True]),
        "mask of two dimensions": tensor([[True, False, False, True]] * 3),
        "mask of three dimensions": tensor(data(3, 4, 2)) > 0,
        ":, mask": (slice(None), tensor([True, False, True, True])),
        "mask, tensor": (tensor([True, False, True]), tensor([3, 1])),
        "mask, 1": (tensor([True, False, True]), 1),
        "True": True,
        "False": False,
        "0-d mask": tensor(True),
        "True, 1": (True, 1),
        "uint8 mask-like": tensor([2, 0], dtype=t.int64),
    }


NAMES = list(keys(minigrad))


@pytest.mark.parametrize("name", NAMES)
@judged
def test_reading(t, name):
    x = t.tensor(data(3, 4, 2), requires_grad=True)
    y = x[keys(t)[name]]
    y.backward(t.tensor(data(*y.shape, seed=9)))
    return x, y, y._base is x


@pytest.mark.parametrize("name", NAMES)
@judged
def test_reading_from_a_transposed_tensor(t, name):
    x = t.tensor(data(2, 4, 3), requires_grad=True)
    y = x.permute(2, 1, 0)[keys(t)[name]]
    y.backward(t.tensor(data(*y.shape, seed=9)))
    return x, y.shape, y.tolist()  # the order in memory of what index tensors pick is left open


@pytest.mark.parametrize("name", NAMES)
@judged
def test_second_derivatives(t, name):
    x = t.tensor(data(3, 4, 2), requires_grad=True)
    y = x[keys(t)[name]] ** 3
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    (g * g).sum().backward()
    return x


@pytest.mark.parametrize("name", NAMES)
@judged
def test_writing_a_number(t, name):
    x = t.tensor(data(3, 4, 2), requires_grad=True)
    y = x * 2
    y[keys(t)[name]] = 1.5
    (y * t.tensor(data(3, 4, 2, seed=9))).sum().backward()
    return x, y


@pytest.mark.parametrize("name", NAMES)
@judged
def test_writing_a_tensor(t, name):
    if "the same" in name or name in ("tensor", ":, tensor", "..., tensor", "tensor, tensor"):
        return None  # which of two values lands where an index occurs twice is left open
    x = t.tensor(data(3, 4, 2), requires_grad=True)
    y = x * 2
    key = keys(t)[name]
    v = t.tensor(data(*y[key].shape, seed=1), requires_grad=True)
    y[key] = v
    (y * t.tensor(data(3, 4, 2, seed=9))).sum().backward()
    return x, v, y


@pytest.mark.parametrize("name", NAMES)
@judged
def test_writing_a_tensor_that_broadcasts(t, name):
    x = t.tensor(data(3, 4, 2), requires_grad=True)
    y = x * 2
    key = keys(t)[name]
    v = t.tensor(data(*[1] * len(y[key].shape[1:]), seed=1), requires_grad=True)
    y[key] = v
    (y * t.tensor(data(3, 4, 2, seed=9))).sum().backward()
    return x, v, y


@pytest.mark.parametrize("name", NAMES)
@judged
def test_augmented_assignment(t, name):
    if "the same" in name or name in ("tensor", ":, tensor", "..., tensor", "tensor, tensor"):
        return None
    x = t.tensor(data(3, 4, 2), requires_grad=True)
    y = x * 2
    y[keys(t)[name]] *= 3
    y.sum().backward()
    return x, y.detach().clone()


def test_repeated_indices_accumulate_by_hand() -> None:
    x = minigrad.tensor([1.0, 2.0, 3.0], requires_grad=True)
    x[minigrad.tensor([0, 2, 0, 0])].backward(minigrad.tensor([1.0, 10.0, 100.0, 1000.0]))
    assert x.grad.tolist() == [1101.0, 0.0, 10.0]


@judged
def test_an_index_is_guarded_against_writes(t):
    x = t.tensor(data(3), requires_grad=True)
    index = t.tensor([0, 2])
    y = x[index].sum()
    index[0] = 1
    try:
        y.backward()
    except RuntimeError as error:
        return "modified by an inplace operation" in str(error)


@judged
def test_a_list_is_copied(t):
    x = t.tensor(data(3), requires_grad=True)
    index = [0, 2]
    y = x[index].sum()
    index[0] = 1
    y.backward()
    return x


@judged
def test_indexing_0d(t):
    x = t.tensor(2.0, requires_grad=True)
    results = [x[...], x[None], x[()], x[True], x[None, ..., None]]
    sum([y.sum() for y in results]).backward()
    return x, results


@judged
def test_integers_and_bools_are_indexed_too(t):
    n = t.tensor([[1, 2], [3, 4]])
    b = n > 2
    n[0] = 7
    b[:, 0] = True
    n[b] += 1
    return n, b, n[b], n[n[:, 0] > 5]


BAD_KEYS = [3, -4, (0, 4), (0, 0, 0, 0), (0, 0, 2), ([0, 3],), (slice(None), [4]), [-4]]
BAD_KEYS += [([0, 1], [0, 1, 2]), [True, False], ([True, False, True], [True]), 1.0, (0, 1.5), {}]
BAD_KEYS += [slice(None, None, -1), slice(None, None, 0), slice(0.5, 2)]


@pytest.mark.parametrize("key", BAD_KEYS, ids=str)
@judged(raises="")
def test_errors(t, key):
    t.tensor(data(3, 4, 2))[key]


@pytest.mark.parametrize("key", [0, slice(None), (0, 0), [0], (None, 0), (True, 0)], ids=str)
@judged(raises="")
def test_a_0d_tensor_cannot_be_indexed(t, key):
    t.tensor(1.0)[key]


@pytest.mark.parametrize("key", ["a", ["a"], [[0, "b"]], object], ids=str)
@judged(raises="")
def test_keys_that_are_no_indices(t, key):
    t.ones(3, 4, 2)[key]


def test_floats_that_torch_takes_for_integers() -> None:
    with pytest.raises(IndexError, match="indices"):
        minigrad.ones(3, 4, 2)[[1.0]]


@judged
def test_two_ellipses(t):
    return t.tensor(data(3, 4, 2))[..., 0, ...], t.tensor(data(3, 4, 2))[0, ..., ...]


@judged(raises="tensors used as indices must be long, int, byte or bool tensors")
def test_a_tensor_of_floats(t):
    t.tensor(data(3))[t.tensor([1.0])]


@judged(raises=r"The shape of the mask \[2\] at index 0 does not match the shape")
def test_a_mask_of_the_wrong_shape(t):
    t.tensor(data(3))[t.tensor([True, False])]


WRONG_SHAPES = [(0, (3,)), (0, (2, 4, 2)), (slice(None), (2, 4, 2)), ([0, 1], (3, 4, 2))]
WRONG_SHAPES += [([0, 1], (2, 2, 4, 2))]


@pytest.mark.parametrize("key, shape", WRONG_SHAPES, ids=str)
@judged(raises="")
def test_values_of_the_wrong_shape(t, key, shape):
    t.zeros(3, 4, 2)[key] = t.ones(shape)


@pytest.mark.parametrize("value", ["text", [1.0, 2.0], None, np.ones(2)], ids=str)
@judged(raises="")
def test_values_that_are_neither_numbers_nor_tensors(t, value):
    t.zeros(3, 2)[0] = value


def test_a_write_that_fails_changes_nothing() -> None:
    y = minigrad.zeros(3, 4)
    wrong = minigrad.ones(3, 4)
    for key, value in [(5, 1.0), (0, wrong[:, 0]), ([0, 9], 1.0), ([0, 1], wrong)]:
        with pytest.raises((IndexError, RuntimeError)):
            y[key] = value
    assert y._version == 0
    assert not y.numpy().any()


def random_key(chance: random.Random, t, shape):
    """A key of slices, integers, None, dots and tensors that fit the shape."""
    entries = []
    dim = 0
    dots = chance.random() < 0.3
    while dim < len(shape) and chance.random() < 0.8:
        n = shape[dim]
        kind = chance.choice(["int", "slice", "none", "tensor", "mask"])
        if kind == "none":
            entries.append(None)
            continue
        if kind == "int":
            entries.append(chance.randrange(-n, n))
        elif kind == "slice":
            start, stop = chance.randrange(-n, n), chance.randrange(-n, n + 3)
            entries.append(slice(start, stop, chance.choice([None, 1, 2])))
        elif kind == "tensor":
            entries.append(t.tensor([chance.randrange(-n, n) for _ in range(2)]))
        else:
            mask = [True, True] + [False] * (n - 2)
            chance.shuffle(mask)
            entries.append(t.tensor(mask))
        dim += 1
    if dots:
        entries.append(...)
    return tuple(entries)


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(60))
def test_random_keys(seed) -> None:
    def program(t):
        chance = random.Random(seed)
        shape = [chance.choice([2, 3, 4]) for _ in range(chance.choice([1, 2, 3, 4]))]
        x = t.tensor(data(*shape), requires_grad=True)
        read = x[random_key(chance, t, shape)]
        y = x * 1
        y[random_key(chance, t, shape)] = 0.25
        (read.sum() + (y * t.tensor(data(*shape, seed=9))).sum()).backward()
        return x, read.detach().clone(), y.detach().clone()

    both(program)


test_expressions = agree(
    "x[m.to(u8)]",
    "x[T([1,0,1],dtype=u8)]",
    "x[T(1,dtype=u8)]",
    "x[T(0,dtype=u8)]",
    "x[[1,0,1]],x[[True,False,True]],x[np.array([0,1])],x[np.array([True,False,True])]",
    "x[T([0,1],dtype=t.int32)],x[T([0,1],dtype=t.int16)]",
    "x[T([0,1],dtype=t.int8)]",
    "x[[0,1],[1,2]],x[(0,1)],x[[[0,1],[1,2]]],x[[[0,1],[1,2]],]",
    "x[[[0,1]]]",
    "x[[0,slice(None)]]",
    "x[[T(0),T(1)]],x[[T([0]),T([1])]]",
    "x[None,i],x[i,None],x[...,i],x[i,...]",
    "e[:,i[:2],:,i].shape,e[0,i[:1],:,i].shape,e[:,i[:2],i].shape,e[i[:2]*0,:,0].shape,e[:,0,:,i].shape,e[0,:,i].shape,e[...,i,0].shape",
    "x[True],x[False],x[True,i],x[i,True],x[None,True].shape,x[True,True].shape,x[T(True)],x[T(False)]",
    "s[True],s[False],s[None],s[...],s[T(True)],s[None,...]",
    "s[0]",
    "s[:]",
    "s[i]",
    "x[0,0,0]",
    "x[5]",
    "x[-4]",
    "x[0,5]",
    "x[i,T([0,9,1])]",
    "x[T([0,3])]",
    "x[T([-4])]",
    "x[T([-1,-3])]",
    "x[i,T([0,1])]",
    "x[T([True,False])]",
    "x[T([True,False,True]),T([0,1])]",
    "x[:,T([True,False,True])]",
    "x[::-1]",
    "x[::0]",
    "x[1.5]",
    "x[T([1.])]",
    "x[{}]",
    "x[1:T(3)],x[T(1):]",
    "x[1.:2]",
    "x[T([1]):]",
    "x[...,...]",
    "x[[]],x[[],[]],x[T([],dtype=t.long)],x[:,[]]",
    "x[range(2)]",
    "x[(i,)],x[(slice(None),i)]",
    "x[[i,i]]",
    "x[T([[0,1],[1,2]])].shape,x[T([[0,1],[1,2]]),T([0,1])]",
    "x[m][0]",
    "x[m,None]",
    "x[m,0]",
    "e[:,m]",
    "e[:,t.ones(3,4,dtype=t.bool)].shape,e[0,t.ones(3,dtype=t.bool),:,i].shape",
    "x[1:1],x[5:],x[-2:],x[:-1],x[1:3,::2],x[-100:100]",
    "x[None],x[:,None].shape,x[...,None].shape,x[None,...,None].shape",
    "x[0][1],x[0,1].grad_fn.name()",
    "x[()]",
    "x[T(1)],x[T(1):T(3)],x[:,T(2)]",
    "y[i] += 1; y",
    "y[:, i] += T([[1., 2., 3.]], requires_grad=True); y",
    "y[m] = 0; y",
    "y[m] = w[:3]; y",
    "y[m] *= 2; y",
    "y[:, i] = v; y",
    "y[T([0, 0])] = T([[1.] * 3, [2.] * 3], requires_grad=True); y",
    "del y[0]; y",
    "y[[0, 1], [1, 2]] = v[:2]; y",
    "y[[[0, 1], [1, 2]]] = 5; y",
    "x[[[0, 1], [1, 2]]], x[[[0, 1]]], x[[0, slice(None)]], x[[T(0), T(1)]]",
    "x[[None, 0]], x[[[0, 1], [1, 2]],]",
    "x[range(2)], x[[0, 1]]",
    "x[T([1, 0], dtype=t.uint8)], x[m.to(t.uint8)], x[T(1, dtype=t.uint8)], x[T(0, dtype=t.uint8)]",
    "x[T([0], dtype=t.int16)]",
    "y.index_put_((T([0, 0]),), v, True); y",
    "y.index_put_((m,), s); y",
    "x.index_put((T([0, 0]), T([1, 1])), v[:2], True)",
    "y.index_put_((T([0, -1]), i[:2]), v[:2]); y",
    "z = t.zeros(4, requires_grad=True); z[T([1, 1, -1, 3])].sum()",
    "x[None, :, i].sum(), x[:, None, i][0], x[i[:1], :, None]",
    "e[:, i, i], e[0, i, :2], e[T([[0], [1]]), i], e[..., i[:2], 0]",
    "y[:, i] = x; y",
    "z = x.detach().clone(); z[i[:1]] = z; z",
    "y[1:] = y[:1]; y",
)
pytest.mark.filterwarnings("ignore:indexing with dtype")(test_expressions)


@pytest.mark.parametrize("value", ["a", [1.0, 2.0], None])
@pytest.mark.parametrize("key", [5, (0, 0, 0, 0), "a", False, slice(None, None, -1)])
@pytest.mark.torch
def test_what_cannot_be_assigned_is_refused_first(key, value):
    def snippet(t):
        t.zeros(2, 3)[key] = value

    both_raise(snippet, "can't assign a")


@judged
def test_bytes_as_a_mask_are_deprecated(t):
    with pytest.warns(UserWarning, match=r"indexing with dtype \w+\.uint8 is now deprecated"):
        return t.arange(3.0)[t.tensor([1, 0, 1], dtype=t.uint8)]


@pytest.mark.parametrize(
    "write",
    [
        "x[mask] = 5.0",
        "x[mask] = t.tensor([5.0])",
        "x[mask, 0] = 5.0",
        "x[:, mask] = t.tensor(5.0)",
        "x.index_put_((mask,), t.ones(1))",
    ],
)
@pytest.mark.filterwarnings("ignore:indexing with dtype")
@judged(raises="masked_fill_ only supports boolean masks")
def test_one_element_is_not_written_by_a_mask_of_bytes(t, write):
    exec(write, {"x": t.zeros(2, 2), "mask": t.tensor([1, 0], dtype=t.uint8), "t": t})


@pytest.mark.filterwarnings("ignore:indexing with dtype")
@judged
def test_several_elements_are_written_by_a_mask_of_bytes(t):
    x, one = t.zeros(2), t.zeros(2)
    x[t.tensor([1, 1], dtype=t.uint8)] = t.tensor([3.0, 4.0])
    one[t.tensor(1, dtype=t.uint8)] = 5.0
    return x, one
