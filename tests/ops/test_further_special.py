"""What torch.special has besides, against torch: values, both derivatives, ends and refusals."""

import math

import numpy as np
import pytest

import minigrad
from tests.judge import data, judged

INF, NAN = float("inf"), float("nan")
WIDE = [*np.linspace(-40, 40, 41), -0.4, -0.0, 1e-20, 0.3, 0.9, 19.9, 20.1]
DIFFERENTIABLE = ["entr", "erfcx", "i0", "i0e", "i1", "i1e", "log_ndtr", "ndtr", "ndtri"]
FLAT = ["modified_bessel_i0", "modified_bessel_i1", "modified_bessel_k0", "modified_bessel_k1"]
FLAT += ["scaled_modified_bessel_k0", "scaled_modified_bessel_k1", "spherical_bessel_j0"]
LETTERS = "tuvw"
POLYNOMIALS = [f"{s}chebyshev_polynomial_{k}" for s in ("", "shifted_") for k in LETTERS]
POLYNOMIALS += ["hermite_polynomial_h", "hermite_polynomial_he"]
POLYNOMIALS += ["laguerre_polynomial_l", "legendre_polynomial_p"]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", DIFFERENTIABLE + FLAT)
@judged(ulps=1024)
def test_values(t, name, dtype):
    x = t.tensor(WIDE, dtype=getattr(t, dtype))
    function = getattr(t.special, name)
    return [function(part) for part in x], [function(t.tensor([v])) for v in (INF, -INF, NAN)]


@pytest.mark.parametrize("name", DIFFERENTIABLE)
@judged(ulps=512)
def test_both_derivatives(t, name):
    x = t.tensor([0.3, 0.7, 0.9, 0.05], dtype=t.float64, requires_grad=True)
    y = getattr(t.special, name)(x)
    (first,) = t.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = t.autograd.grad(first.sum(), x)
    return y.detach(), first.detach(), t.empty(0).new_tensor(second.tolist())


@pytest.mark.parametrize("name", ["entr", "i0", "i0e", "i1", "i1e", "ndtri"])
@judged
def test_derivatives_at_the_ends(t, name):
    found = []
    for value in (0.0, 1.0, INF, -INF, NAN):
        x = t.tensor([value], dtype=t.float64, requires_grad=True)
        (g,) = t.autograd.grad(getattr(t.special, name)(x).sum(), x)
        found.append(g.tolist()[0])
    return found


@pytest.mark.parametrize("name", FLAT)
@judged
def test_what_is_not_differentiable(t, name):
    return getattr(t.special, name)(t.tensor([1, 2])), getattr(t.special, name)(
        t.tensor([0.5], requires_grad=True)
    )


@pytest.mark.parametrize("n", [-1, 0, 1, 2, 3, 5, 9])
@pytest.mark.parametrize("name", POLYNOMIALS)
@judged(ulps=64)
def test_polynomials(t, name, n):
    x = t.tensor([-1.0, -0.5, 0, 0.3, 0.7, 1.0, 1.5, -2.5], dtype=t.float64, requires_grad=True)
    f = getattr(t.special, name)
    return f(x, n), f(2, t.tensor([0.5, 2.0])), f(t.tensor([[0.3], [2.0]]), t.tensor([3, n]))


@pytest.mark.parametrize("args", [([0], 1.0), ("a", 1.0), (1.0, [0, 0]), (1.0, None)])
@pytest.mark.parametrize("name", POLYNOMIALS)
@judged(raises="invalid combination of arguments")
def test_polynomials_of_what_is_no_number(t, name, args):
    x, n = [t.tensor([y]) if isinstance(y, float) else y for y in args]
    getattr(t.special, name)(x, n)


@judged(raises="invalid combination of arguments - got .int, int.")
def test_polynomials_of_numbers_alone(t):
    t.special.legendre_polynomial_p(2, 2)


@judged(ulps=16)
def test_xlog1py(t):
    f = t.special.xlog1py
    found = []
    for a in (0.0, 1.0, -2.0, NAN):
        for b in (-1.0, -2.0, 0.5, 0.0, NAN):
            x = t.tensor([a], dtype=t.float64, requires_grad=True)
            y = t.tensor([b], dtype=t.float64, requires_grad=True)
            z = f(x, y)
            z.sum().backward()
            w = t.tensor([a], dtype=t.float64, requires_grad=True)
            f(w, 0.5 if b != b else b).sum().backward()
            found.append([z.tolist(), x.grad.tolist(), y.grad.tolist(), w.grad.tolist()])
    n = t.tensor([1, 2])
    return found, f(n, n), f(n, 2), f(2, t.tensor([0.5, 2.0], requires_grad=True))


@judged(ulps=64)
def test_zeta(t):
    f = t.special.zeta
    q = t.tensor([0.5, 1.0, 3.25, 100.0], dtype=t.float64, requires_grad=True)
    y = f(t.tensor([[2.0], [3.5], [20.0]], dtype=t.float64), q)
    y.sum().backward()
    ends = [
        (1, 1),
        (0.5, 2),
        (2, 0),
        (2, -1),
        (2, -1.5),
        (2.5, -1.5),
        (2, INF),
        (NAN, 2),
        (NAN, -1),
    ]
    return y, q.grad.tolist(), [f(t.tensor([float(s)]), q) for s, q in ends], f(2, q)


@judged(raises="the derivative for 'zeta' is not implemented")
def test_zeta_has_no_derivative_in_its_first_operand(t):
    s = t.tensor([2.0], requires_grad=True)
    t.special.zeta(s, 3).sum().backward()


@judged(ulps=64)
def test_incomplete_gamma_functions(t):
    a = t.tensor(data(40, low=0.05, high=19.0))  # beyond that torch's are good to nine digits
    x = t.tensor(data(40, low=0.01, high=40.0, seed=1), requires_grad=True)
    found = []
    for f in (t.igamma, t.igammac, t.special.gammainc, t.special.gammaincc):
        y = f(a, x)
        (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
        found += [y, g.detach()]
    ends = [0.0, 1.0, 2.0, INF, -1.0, 0.5]
    grid = t.tensor(ends)
    found += [[t.igamma(grid, t.tensor(v)), t.igammac(grid, t.tensor(v))] for v in ends]
    return found, t.tensor([1.0, 2.0]).igamma_(t.tensor([1.0, 2.0]))


def test_incomplete_gamma_functions_of_integers_in_closed_form() -> None:
    """Q(n, x) is the chance that fewer than n of a Poisson process have come by x."""
    for n in (1, 7, 30, 90):
        for x in (0.5, 9.0, 31.0, 80.0, 120.0):
            terms = [math.exp(k * math.log(x) - x - math.lgamma(k + 1)) for k in range(400)]
            a, b = minigrad.tensor([float(n)]).double(), minigrad.tensor([x]).double()
            assert minigrad.igammac(a, b).item() == pytest.approx(math.fsum(terms[:n]), rel=1e-12)
            assert minigrad.igamma(a, b).item() == pytest.approx(math.fsum(terms[n:]), rel=1e-12)


@pytest.mark.parametrize("name", ["igamma", "igammac"])
@judged(raises="the derivative for 'igammac?: input' is not implemented")
def test_incomplete_gamma_has_no_derivative_in_its_first_operand(t, name):
    a = t.tensor([2.0], requires_grad=True)
    getattr(t, name)(a, t.tensor([1.0])).sum().backward()


@judged(raises="not implemented for 'Long'")
def test_incomplete_gamma_of_integers(t):
    t.igamma(t.tensor([1]), t.tensor([1]))


@judged(ulps=64)
def test_multivariate_gamma(t):
    x = t.tensor([3.2, 5.0, 20.0], requires_grad=True)
    y = t.mvlgamma(x, 3)
    y.sum().backward()
    return y, x.grad.tolist(), t.special.multigammaln(x, 2), t.mvlgamma(t.tensor([4, 5]), 2)


@judged(raises="p has to be greater than or equal to 1")
def test_multivariate_gamma_of_no_dimension(t):
    t.mvlgamma(t.ones(2), 0)
