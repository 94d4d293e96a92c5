"""Divisors, steps, powers of 2 and Vandermonde matrices against torch."""

import pytest

from tests.expressions import agree
from tests.judge import judged

test_expressions = agree(
    "t.gcd(T([4,-6,0]),T([6,9,3]))",
    "t.gcd(T([4,-6],dtype=t.int8),T([6,9]))",
    "t.gcd(T([4]),6)",
    "t.gcd(x,x)",
    "t.gcd(T([True]),T([True]))",
    "t.lcm(T([4,-6,0]),T([6,9,3]))",
    "T([4,6]).gcd_(T([6,9]))",
    "T([4,6]).lcm_(T(4))",
    "t.heaviside(T([-1.,0.,2.]),T([.5]))",
    "t.heaviside(T([float('nan'),-0.]),T([3.,4.]))",
    "t.heaviside(T([1,0,-1]),T([7]))",
    "t.heaviside(T([1]),T([.5]))",
    "t.heaviside(T([1.]),.5)",
    "t.heaviside(v,v)",
    "t.ldexp(x,T([1,2,0]))",
    "t.ldexp(x,v)",
    "t.ldexp(T([1,2]),T([1,2]))",
    "t.ldexp(T([1.,2.],dtype=t.float64),T([1,2]))",
    "t.ldexp(x,2)",
    "y.ldexp_(T([1,2,3])); y*1",
    "e.sum_to_size(1,3,1)",
    "e.sum_to_size(3,4)",
    "e.sum_to_size((4,))",
    "e.sum_to_size(2,3,4)",
    "e.sum_to_size(2)",
    "v.sum_to_size(1,3)",
    "x.sum_to_size(())",
    "t.vander(v.detach())",
    "t.vander(v.detach(),2)",
    "t.vander(v.detach(),4)",
    "t.vander(T([1,2,3]),increasing=True)*1",
    "t.vander(T([1,2,3]),1)",
    "t.vander(T([1,2,3]),0)",
    "[t.vander(t.tensor([3, 200], dtype=t.uint8), n) for n in (0, 1, 2)]",
    "t.vander(v.detach(),-1)",
    "t.vander(x)",
    "t.linalg.vander(x)",
    "t.linalg.vander(v,N=2)",
    "t.linalg.vander(T([1,2]),N=4)",
    "t.linalg.vander(v,N=1)",
    "t.linalg.vander(s)",
)


@judged
@pytest.mark.parametrize("settings", [{}, {"dim": 0}, {"return_counts": True}], ids=str)
@pytest.mark.parametrize("name", ["unique", "unique_consecutive"])
def test_different_elements_have_no_gradient(t, name, settings):
    x = t.tensor([[2.0, 1.0], [2.0, 1.0]], requires_grad=True)
    found = getattr(t, name)(x, **settings)
    values = found[0] if isinstance(found, tuple) else found
    with pytest.raises(NotImplementedError, match="is not implemented"):
        values.sum().backward()
    return found


@judged
def test_frexp(t):
    special = [0.0, float("inf"), float("nan"), -3.0, 1e-45, 5.0]
    x = t.tensor([3.2, 5.0, 0.01], requires_grad=True)
    mantissa, exponent = t.frexp(x)
    (mantissa * mantissa).sum().backward()
    plain = [list(t.frexp(t.tensor(special, dtype=d))) for d in (t.float32, t.float64)]
    return mantissa, exponent, x.grad, plain, str(t.frexp(t.tensor([5.0])))


@judged(raises="only supports floating-point dtypes")
def test_frexp_of_integers(t):
    t.frexp(t.tensor([3]))


@judged
def test_nextafter(t):
    x = t.tensor([1.0, 2.0, 1.0, float("nan"), 0.0, 1.0], requires_grad=True)
    y = t.tensor([2.0, 1.0, 1.0, 1.0, 1.0, float("inf")], requires_grad=True)
    z = t.nextafter(x, y)
    z.sum().backward()
    return z, x.grad.tolist(), y.grad.tolist(), t.tensor([1.0]).nextafter_(t.tensor([2.0]))


@judged(raises="not implemented for 'Long'")
def test_nextafter_of_integers(t):
    t.nextafter(t.tensor([1]), t.tensor([2]))


@judged
def test_unravel_index(t):
    wide = t.unravel_index(t.tensor([1, 5]), (2, 3))
    return list(wide), list(t.unravel_index(t.tensor([7]), 6)), t.unravel_index(t.tensor([0]), ())


@judged(raises="to be integer dtype, but got")
def test_unravel_index_of_floats(t):
    t.unravel_index(t.tensor([1.0]), (2, 3))


@judged
def test_functions_that_write(t):
    x = t.ones(3, requires_grad=True)
    y = t.exp_(x * 0.5)
    z = t.sigmoid_(x * 2)
    (y + z).sum().backward()
    return y, z, x.grad.tolist(), t.fill_(t.zeros(2), 3), t.round_(t.tensor([1.4]))


@judged(raises="argument 'input' .position 1. must be Tensor, not int")
def test_functions_that_write_into_no_tensor(t):
    t.exp_(1)


@judged
def test_what_is_trivial_of_real_tensors(t):
    x = t.ones(2, requires_grad=True)
    same = [f(x) is x for f in (t.real, t.conj, t.resolve_conj, t.resolve_neg)]
    told = [t.is_conj(x), t.is_neg(x), t.is_signed(x), t.get_device(x), t.is_same_size(x, x[:1])]
    return same, told, t.detach(x * 2), x.conj() is x


@judged
def test_layers_by_their_names_beside_the_operators(t):
    t.manual_seed(0)
    x = t.arange(12.0).reshape(1, 2, 6)
    none = [None] * 4
    drawn = [t.dropout(x, 0.5, True), t.alpha_dropout(x, 0.5, True), t.dropout(x, 0.5, False)]
    normed = [f(x, *none, True, 0.1, 1e-5, False) for f in (t.batch_norm, t.instance_norm)]
    found = t.embedding(t.arange(6.0).reshape(3, 2), t.tensor([0, 2]))
    methods = [x.hardshrink(3.0), (x - 4).prelu(t.tensor([0.1])), x.to_dense() is x]
    return drawn[::2], drawn[1].tolist(), normed, found, methods, x.is_shared(), x.is_pinned()
