"""Inference mode: what is made in it, and what is refused of it afterwards."""

import threading

import pytest

import minigrad
from minigrad.autograd.value import tensor_class
from tests.judge import data, judged


def made(t):
    w = t.tensor(data(2), requires_grad=True)
    n = t.tensor(data(2))
    with t.inference_mode():
        x = t.ones(2, dtype=t.float64)
        return w, n, x


@judged
def test_what_is_an_inference_tensor(t):
    w, n, x = made(t)
    with t.inference_mode():
        inside = {
            "result": (w * 2).is_inference(),
            "created": x.is_inference(),
            "tensor": t.tensor([1.0]).is_inference(),
            "clone": x.clone().is_inference(),
            "requires": (w * 2).requires_grad,
            "view of a normal one": n[0].is_inference(),
            "detached": n.detach().is_inference(),
            "data": n.data.is_inference(),
            "view": x[0].is_inference(),
            "leaf": t.ones(2, requires_grad=True).requires_grad,
            "modes": (t.is_inference_mode_enabled(), t.is_grad_enabled()),
            "views": (x[0]._is_view(), n[0]._is_view(), n.view(2)._base is n),
        }
    outside = {
        "old": w.is_inference(),
        "x": (x.is_inference(), t.is_inference(x)),
        "view": x[0].is_inference(),
        "detached": x.detach().is_inference(),
        "data": x.data.is_inference(),
        "clone": x.clone().is_inference(),
        "result": (x * 2).is_inference(),
        "modes": (t.is_inference_mode_enabled(), t.is_grad_enabled()),
        "type": type(x) is t.Tensor,
    }
    return inside, outside


REFUSED = {
    "saved": lambda t, w, n, x: x * w,
    "saved on the other side": lambda t, w, n, x: w * x,
    "in place": lambda t, w, n, x: x.add_(1),
    "in place under no_grad": lambda t, w, n, x: t.no_grad()(lambda: x.add_(1))(),
    "in place with a tensor": lambda t, w, n, x: x.mul_(n),
    "in place through a view": lambda t, w, n, x: x.view(2).exp_(),
    "zero_": lambda t, w, n, x: x.zero_(),
    "copy_": lambda t, w, n, x: x.copy_(n),
    "set item": lambda t, w, n, x: x.__setitem__(0, 1),
    "requires_grad_": lambda t, w, n, x: x.requires_grad_(),
    "version": lambda t, w, n, x: x._version,
}
ALLOWED = {
    "add": lambda t, w, n, x: x + w,
    "product with a constant": lambda t, w, n, x: x * 2,
    "copy from": lambda t, w, n, x: n.copy_(x),
    "write into another": lambda t, w, n, x: (w * 2).add_(x),
    "clone": lambda t, w, n, x: x.clone() * w,
    "no gradient": lambda t, w, n, x: x.requires_grad_(False).tolist(),
    "view": lambda t, w, n, x: x[0].tolist(),
    "text": lambda t, w, n, x: repr(x),
}


@pytest.mark.parametrize("name", REFUSED)
@judged(raises="nference")
def test_refused(t, name):
    return REFUSED[name](t, *made(t))


@pytest.mark.parametrize("name", ALLOWED)
@judged
def test_allowed(t, name):
    return ALLOWED[name](t, *made(t))


def test_a_refused_write_changes_nothing():
    _, n, x = made(minigrad)
    for write in (lambda: x.add_(1), lambda: x.copy_(n), lambda: x.zero_()):
        with pytest.raises(RuntimeError, match="Inplace update to inference tensor"):
            write()
    assert x.tolist() == [1, 1]


@judged
def test_writes_inside(t):
    w, n, x = made(t)
    y = w * 2
    with t.inference_mode():
        x.add_(1)
        x[0] = 5
        n.add_(1)
        y.mul_(2)
        w.mul_(1)
    return x.tolist(), n, y, w


@judged(raises="A view was created in inference mode and is being modified inplace in normal mode")
def test_a_view_made_inside(t):
    y = made(t)[0] * 2
    with t.inference_mode():
        v = y[0]
    v.add_(1)


@judged
def test_nesting(t):
    w, _, _ = made(t)
    found = []
    with t.inference_mode():
        with t.enable_grad():
            found.append((w * 2).requires_grad)
        with t.inference_mode(False):
            z = w * 2
            found += [z.requires_grad, z.is_inference(), t.is_grad_enabled()]
            found.append(t.is_inference_mode_enabled())
        found += [(w * 2).is_inference(), t.is_grad_enabled()]
    with t.no_grad():
        with t.inference_mode(mode=False):
            found.append(t.is_grad_enabled())
        found.append(t.is_grad_enabled())
    return found


@judged
def test_as_a_decorator(t):
    w, _, _ = made(t)

    @t.inference_mode()
    def one(a):
        return a * w

    @t.inference_mode
    def two(a):
        return a * w

    @t.inference_mode(mode=False)
    def three(a):
        return a * w

    @t.inference_mode()
    def several():
        for _ in range(2):
            yield w * 2

    results = [f(w) for f in (one, two, three)] + list(several())
    return one.__name__, [(y.is_inference(), y.requires_grad) for y in results]


@judged(raises="does not require grad")
def test_no_backward_of_what_was_made_inside(t):
    with t.inference_mode():
        y = made(t)[0] * 2
    y.sum().backward()


def test_an_error_inside_leaves_nothing_behind():
    before = tensor_class[0]
    with pytest.raises(KeyError), minigrad.inference_mode():
        raise KeyError
    assert tensor_class[0] is before is minigrad.Tensor
    assert minigrad.is_grad_enabled()
    assert not minigrad.is_inference_mode_enabled()
    assert not minigrad.ones(2).is_inference()


def test_another_thread_goes_on_recording():
    found = []

    def work():
        w = minigrad.ones(2, requires_grad=True)
        y = w * w
        y.sum().backward()
        found.extend([type(y), type(w.grad), y.is_inference(), w.grad.tolist()])

    with minigrad.inference_mode():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert minigrad.ones(1).is_inference()
    assert found == [minigrad.Tensor, minigrad.Tensor, False, [2.0, 2.0]]
