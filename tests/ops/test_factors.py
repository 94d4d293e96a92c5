"""Numbers that scale or bound tensors of integers and bools: cut off, wrapped or refused, as torch
does."""

import pytest

from tests.judge import judged

FACTORS = {
    "add": lambda t, x, m, n: t.add(x, x, alpha=n),
    "sub": lambda t, x, m, n: t.sub(x, x, alpha=n),
    "rsub": lambda t, x, m, n: t.rsub(x, x, alpha=n),
    "addcmul": lambda t, x, m, n: t.addcmul(x, x, x, value=n),
    "addmv": lambda t, x, m, n: t.addmv(x, m, x, beta=n, alpha=n),
    "addmm": lambda t, x, m, n: t.addmm(x, m, m, beta=n, alpha=n),
    "addr": lambda t, x, m, n: t.addr(x, x, x, beta=n, alpha=n),
    "addbmm": lambda t, x, m, n: t.addbmm(x, m[None], m[None], beta=n, alpha=n),
    "baddbmm": lambda t, x, m, n: t.baddbmm(x, m[None], m[None], beta=n, alpha=n),
    "index_add": lambda t, x, m, n: x.index_add(0, t.tensor([1, 1]), x, alpha=n),
    "scatter": lambda t, x, m, n: x.scatter(0, t.tensor([1]), n, reduce="add"),
    "scatter product": lambda t, x, m, n: x.scatter(0, t.tensor([1]), n, reduce="multiply"),
    "where": lambda t, x, m, n: t.where(t.tensor([True, False]), x, n),
    "threshold": lambda t, x, m, n: t.nn.functional.threshold(x, n, n),
    "hardtanh": lambda t, x, m, n: t.nn.functional.hardtanh(x, n, n + 3),
}


@judged
@pytest.mark.parametrize("name", list(FACTORS))
@pytest.mark.parametrize("dtype", ["uint8", "int8", "int64", "bool"])
def test_factors(t, name, dtype):
    x = t.tensor([1, 3]).to(getattr(t, dtype))
    m = t.tensor([[1, 2], [3, 4]]).to(getattr(t, dtype))
    found = []
    for number in (-1, 2, 2.5, 300, True):
        try:
            found.append(FACTORS[name](t, x, m, number))
        except (RuntimeError, NotImplementedError) as error:
            found.append((type(error).__name__, str(error).split(". ")[0].split("\n")[0]))
    return found


PRODUCTS = {
    "mm": lambda t, x: t.mm(x[0], x[0]),
    "bmm": lambda t, x: t.bmm(x, x),
    "mv": lambda t, x: t.mv(x[0], x[0, 0]),
    "dot": lambda t, x: t.dot(x[0, 0], x[0, 0]),
    "inner": lambda t, x: t.inner(x[0, 0], x[0, 0]),
    "matmul": lambda t, x: t.matmul(x, x[0]),
    "tensordot": lambda t, x: t.tensordot(x, x, 1),
    "linear": lambda t, x: t.nn.functional.linear(x, x[0], x[0, 0]),
    "bilinear": lambda t, x: t.nn.functional.bilinear(x[0], x[0], x),
    "cross": lambda t, x: t.linalg.cross(x.expand(2, 2, 2)[..., [0, 0, 0]], x[..., [0, 0, 0]]),
    "cumsum": lambda t, x: t.cumsum(x, 0, dtype=t.bool),
}


@judged(raises="not implemented for 'Bool'")
@pytest.mark.parametrize("name", list(PRODUCTS))
def test_products_of_bools_are_refused(t, name):
    PRODUCTS[name](t, t.ones(2, 2, 2, dtype=t.bool))


@judged
def test_products_of_no_bools(t):
    return t.mm(t.ones(0, 0, dtype=t.bool), t.ones(0, 2, dtype=t.bool))
