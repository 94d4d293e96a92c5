"""What torch has for complex numbers, of real ones, against torch."""

import pytest

from tests.judge import judged

INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "uint8", "bool"])
@judged(ulps=0)
def test_angles(t, dtype):
    x = t.tensor([0, 1, 2, 3], dtype=getattr(t, dtype))
    return t.angle(x), (-x.float()).angle()


@judged
def test_angles_are_flat(t):
    x = t.tensor([1.0, -1.0, 0.0, -0.0, NAN, INF, -INF], requires_grad=True)
    y = x.angle()
    (grad,) = t.autograd.grad(y.sum(), x, create_graph=True)
    return y, y.grad_fn.name(), grad, grad.requires_grad


@judged(raises="modified by an inplace operation")
def test_an_angle_needs_its_operand(t):
    x = t.tensor([1.0, -1.0], requires_grad=True).clone()
    y = x.angle()
    x.zero_()
    y.sum().backward()


@pytest.mark.parametrize("name", ["conj", "conj_physical", "resolve_conj", "resolve_neg", "real"])
@judged
def test_real_numbers_stay_as_they_are(t, name):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    method = getattr(x, name)
    return getattr(t, name)(x) is x, (method if name == "real" else method()) is x


@judged
def test_questions(t):
    x, y = t.ones(2), t.ones(2, 1)
    same = [t.is_same_size(x, x), t.is_same_size(x, y), x.is_same_size(y)]
    return (
        same,
        x.is_conj(),
        t.is_conj(x),
        t.is_neg(x),
        x.is_quantized,
        x.to_dense() is x,
        x.to_dense(t.float64),
    )


@pytest.mark.parametrize("ask", [lambda t, x: x.imag, lambda t, x: t.imag(x)], ids=["method", "f"])
@judged(raises="imag is not implemented for tensors with non-complex dtypes")
def test_there_is_no_imaginary_part(t, ask):
    ask(t, t.ones(2))


@pytest.mark.parametrize("name", ["angle", "conj", "is_conj", "imag", "resolve_conj"])
@judged(raises="must be Tensor, not int")
def test_tensors_are_needed(t, name):
    getattr(t, name)(3)


@judged(raises="argument 'other' .position 1. must be Tensor, not int")
def test_sizes_are_compared_with_a_tensor(t):
    t.ones(2).is_same_size(-3)
