"""Dropout, rrelu and gumbel_softmax against torch, from the same seed; and their errors."""

import pytest

from tests.judge import data, judged

pytestmark = pytest.mark.filterwarnings("ignore:dropout2d", "ignore:dropout3d")
SHAPES = {
    "dropout": [(3, 4), (20,), (), (0,)],
    "dropout1d": [(2, 3, 4), (3, 4)],
    "dropout2d": [(2, 3, 4, 4), (2, 3, 4)],
    "dropout3d": [(2, 3, 2, 2, 2), (3, 2, 2, 2)],
    "alpha_dropout": [(3, 4)],
    "feature_alpha_dropout": [(2, 3, 4)],
}
CASES = [(name, shape) for name, shapes in SHAPES.items() for shape in shapes]


@pytest.mark.parametrize("name, shape", CASES)
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@judged(ulps=2)
def test_dropout(t, name, shape, p, dtype):
    t.manual_seed(3)
    x = t.tensor(data(*shape), dtype=getattr(t, dtype), requires_grad=True)
    y = getattr(t.nn.functional, name)(x, p, training=True)
    y.sum().backward()
    return y.detach().clone(), x, t.rand(2)


@pytest.mark.parametrize("name", SHAPES)
@judged(ulps=2)
def test_not_training_and_in_place(t, name):
    t.manual_seed(3)
    f = getattr(t.nn.functional, name)
    x = t.tensor(data(*SHAPES[name][0]))
    y = f(x, 0.5, False)
    z = f(x, 0.5, True, True)
    return y, z, y is x, z is x


@judged
def test_a_transposed_input(t):
    t.manual_seed(3)
    return t.nn.functional.dropout(t.tensor(data(3, 4)).t(), 0.5)


@pytest.mark.parametrize("name", SHAPES)
@judged(raises="dropout probability has to be between 0 and 1, but got 1.5")
def test_a_probability_out_of_range(t, name):
    getattr(t.nn.functional, name)(t.ones(2, 2, 2), 1.5)


@judged(raises="result type Float can't be cast to the desired output type Long")
def test_dropout_of_integers(t):
    t.nn.functional.dropout(t.tensor([1, 2]))


@judged(raises="dropout1d: Expected 2D or 3D input, but received a 4D input")
def test_dropout1d_of_an_image(t):
    t.nn.functional.dropout1d(t.ones(1, 1, 2, 2))


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@judged
def test_rrelu(t, inplace, dtype):
    t.manual_seed(3)
    x = t.tensor(data(4, 5), dtype=getattr(t, dtype), requires_grad=True)
    y = t.nn.functional.rrelu(x * 1, 0.1, 0.4, training=True, inplace=inplace)
    y.sum().backward()
    return y, x, t.rand(2)


@judged(raises="Lower bound should be less than or equal to the upper bound")
def test_rrelu_with_bounds_the_wrong_way_round(t):
    t.nn.functional.rrelu(t.ones(2), 1.0, 0.5)


@pytest.mark.parametrize("hard", [False, True])
@judged(ulps=32)
def test_gumbel_softmax(t, hard):
    t.manual_seed(3)
    x = t.tensor(data(3, 4), requires_grad=True)
    y = t.nn.functional.gumbel_softmax(x, 0.5, hard)
    (y * t.tensor(data(3, 4, seed=1))).sum().backward()
    return y, x
