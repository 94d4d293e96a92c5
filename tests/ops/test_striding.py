"""Windows, strides and transposes in place, against torch."""

import pytest

from tests.expressions import agree
from tests.judge import judged

test_expressions = agree(
    "x.storage_offset(),x[1].storage_offset(),x.t().storage_offset()",
    "v.unfold(0, 2, 1)",
    "w.unfold(0, 2, 2)",
    "x.unfold(1, 3, 1)",
    "x.unfold(-1, 2, 1)",
    "e.unfold(1, 2, 1).unfold(2, 2, 2)",
    "x.unfold(1, 4, 1)",
    "x.unfold(1, -1, 1)",
    "x.unfold(1, 2, 0)",
    "s.unfold(0, 1, 1)",
    "s.unfold(0, 0, 1)",
    "w.unfold(0, 0, 1)",
    "x.t().unfold(0, 2, 1)",
    "x.as_strided((2, 2), (1, 2))",
    "x.as_strided((2, 2), (1, 2), 1)",
    "t.as_strided(x, (3,), (0,))",
    "x.t().as_strided((2, 2), (1, 1))",
    "x[1:].as_strided((2, 2), (1, 1))",
    "x[1:].as_strided((2, 2), (1, 1), 0)",
    "x[:, 1:].as_strided((6,), (1,), 0)",
    "x.as_strided((), ())",
    "x.as_strided((0, 3), (1, 1))",
    "x.as_strided((3, 3), (3, 1))",
    "x.as_strided((2, 2), (1,))",
    "x.as_strided((2,), (-1,))",
    "x.as_strided((2,), (1,), -1)",
    "x.as_strided((-2,), (1,))",
    "x.storage_offset(), x[1].storage_offset(), x.t()[1].storage_offset()",
    "d = x.detach()[1:]; d.as_strided((2,), (1,), 3)",
    "y.squeeze_(); y",
    "y.squeeze_(0); y",
    "y.squeeze_((0, 1)); y",
    "y.swapdims_(0, 1); y",
    "y.swapaxes_(0, 1); y",
    "y.unsqueeze_(-1); y",
    "y.t_(); y",
    "y.transpose_(0, 0); y, y._version",
    "y.transpose_(0, 5); y",
    "y.unsqueeze_(5); y",
    "y.as_strided_((2,), (1,)); y",
    "t.ones(2, 3, 4).t_()",
    "v.detach().t_()",
    "x.t_()",
    "v2 = y[0]; v2.unsqueeze_(0); v2 * 2, y",
    "v2 = y[0]; v2.unsqueeze_(0); v2.mul_(2); v2, y",
    "v2 = y[0]; y.mul_(2); v2.unsqueeze_(0); v2, y",
    "v2 = y[0:1]; y.t_(); v2.mul_(2); v2, y",
    "v2 = y[0:1]; y.t_(); v2, y",
    "v2 = y.view(6); v2.unsqueeze_(0); v2.mul_(2); v2, y",
    "z = y.exp(); y.t_(); z",
    "z = y.sin(); y.t_(); y",
    "a, b = y.unbind(); a.unsqueeze_(0); y",
    "a, b = x.detach().unbind(); a.unsqueeze_(0); a, a._is_view(), a._version",
    "d = y.detach(); y.t_(); d, d._version",
    "t.ones(6).resize_(2, 3)",
    "z = t.arange(6.).resize_((2, 2)); z, z.resize_(6)",
    "z = t.arange(6.).reshape(2, 3); z[0].resize_(4), z",
    "z = t.arange(6.).reshape(2, 3); z.t().resize_(6), z",
    "t.ones(3).resize_as_(t.ones(1, 3))",
    "y.resize_(6)",
    "t.ones(3).resize_(-1)",
    "t.ones(3).resize_(2, 2).shape",
    "y.mul_(2).unsqueeze_(0).squeeze_(0).t_(); y",
)


@judged
@pytest.mark.parametrize("of", ["as_strided((2, 3), (1, 1))", "expand(3, 4)", "unfold(0, 2, 1)"])
@pytest.mark.parametrize("to", ["((3,), (1,), 1)", "((2, 3), (1, 1))", "((2, 2), (0, 1), 2)"])
def test_elements_of_one_place_share_its_gradient(t, of, to):
    """Equally, though only one of them may be what `as_strided` chose; twice differentiable."""
    x = t.tensor([1.0, 2.0, -1.0, 0.5], dtype=t.float64, requires_grad=True)
    shared = eval("v." + of, {"v": x.exp()})
    shared.retain_grad()
    taken = eval(f"v.as_strided{to}", {"v": shared})
    (g,) = t.autograd.grad(taken.pow(3).sum(), x, create_graph=True)
    (h,) = t.autograd.grad(g.sin().sum(), x, retain_graph=True)
    taken.pow(3).sum().backward()
    return taken, g, h, shared.grad


@judged
def test_another_shape_for_a_part(t):
    x = t.arange(6.0)
    part, row = x[2:], x.view(2, 3)[1]
    part.resize_(2)
    row.resize_(2)
    return part, row, part.storage_offset(), row.storage_offset()
