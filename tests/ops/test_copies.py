"""Copies of what views show, against torch."""

import pytest

from tests.judge import data, judged

CALLS = [
    ("alias_copy", (), {}),
    ("as_strided_copy", ((2, 2), (1, 2)), {}),
    ("as_strided_copy", ((2, 2), (1, 2), 1), {}),
    ("diagonal_copy", (), {}),
    ("diagonal_copy", (1,), {"dim1": 1, "dim2": 2}),
    ("expand_copy", ((5, 2, 3, 4),), {}),
    ("permute_copy", ((2, 0, 1),), {}),
    ("select_copy", (1, 1), {}),
    ("slice_copy", (), {}),
    ("slice_copy", (1, 1), {}),
    ("slice_copy", (2,), {"start": -3, "end": 9, "step": 2}),
    ("split_copy", (2,), {"dim": 1}),
    ("split_with_sizes_copy", ([1, 3], 2), {}),
    ("squeeze_copy", (), {}),
    ("squeeze_copy", (0,), {}),
    ("squeeze_copy", ((0, 1),), {}),
    ("transpose_copy", (0, 2), {}),
    ("unbind_copy", (1,), {}),
    ("unfold_copy", (2, 2, 1), {}),
    ("unsqueeze_copy", (-1,), {}),
    ("view_copy", ((4, -1),), {}),
]


@pytest.mark.parametrize("name, args, settings", CALLS)
@pytest.mark.parametrize("turned", [False, True])
@judged
def test_copies(t, name, args, settings, turned):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    of_layout = name in ("view_copy", "expand_copy", "as_strided_copy")
    y = x.permute(1, 0, 2) if turned and not of_layout else x
    made = getattr(t, name)(y, *args, **settings)
    parts = made if isinstance(made, tuple) else (made,)
    (g,) = t.autograd.grad(sum((p**3).sum() for p in parts), x, create_graph=True)
    (gg,) = t.autograd.grad((g * g).sum(), x)
    plain = getattr(t, name)(y.detach(), *args, **settings)
    with t.no_grad():
        for part in parts:
            part.mul_(2)
    return made, g.tolist(), gg.tolist(), plain, x


@judged
def test_t_copy(t):
    x = t.tensor(data(2, 3), requires_grad=True)
    y = t.t_copy(x)
    (y**2).sum().backward()
    return y, x, t.t_copy(x[0]), t.t_copy(t.tensor([[1, 2]]))


@pytest.mark.parametrize(
    "name, args",
    [
        ("view_copy", ((5,),)),
        ("expand_copy", ((2, 5),)),
        ("slice_copy", (0, 0, 1, 0)),
        ("slice_copy", (7,)),
        ("permute_copy", ((0, 0),)),
        ("t_copy", ()),
        ("transpose_copy", (0, 5)),
        ("unbind_copy", (3,)),
        ("squeeze_copy", (3,)),
        ("expand_copy", (1,)),
        ("permute_copy", (3,)),
        ("split_copy", ([1, 1],)),
    ],
)
@judged(raises=".")
def test_refusals(t, name, args):
    getattr(t, name)(t.ones(2, 3, 4), *args)


@pytest.mark.parametrize("name", ["alias_copy", "t_copy", "squeeze_copy"])
@judged(raises="must be Tensor, not int")
def test_what_is_no_tensor(t, name):
    getattr(t, name)(3)
