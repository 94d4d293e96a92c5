"""Products with Jacobians and Hessians of plain functions, and these matrices themselves.

For a function f from x to y, with Jacobian J[i, j] = dy[i]/dx[j], and with Hessian H if scalar,

    vjp       v J      one backward pass
    jvp       J v      two: the *double-backward trick*
    vhp       v H      two
    hvp       H v      three, by the same trick
    jacobian  J        one pass for each element of y, as torch does
    hessian   H        the Jacobian of the gradient

The trick, which is also how torch computes its ``functional.jvp``: g(u) = u J is linear in u, and
its derivative is J transposed; so the backward pass of g, with respect to u, turns v into J v.
No operator needs a forward-mode rule for it, only rules that can be differentiated again. What
no_grad() hides from the backward pass is hidden here as well; `minigrad.func.jvp` refuses it.

Inputs, outputs and vectors are a tensor or a tuple of tensors, and results have the structure
that this suggests. With ``create_graph`` the results can be differentiated again, also with
respect to the inputs given; without, they are plain tensors. ``strict`` raises an error where a
result is 0 only because nothing depends on an input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.autograd.api import grad
from minigrad.autograd.forward_ad import check_differentiable
from minigrad.autograd.modes import enable_grad
from minigrad.autograd.value import Value, wrap
from minigrad.ops.joining import stack

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Function = Callable[..., Any]
Tensors = Any  # a tensor or a tuple of tensors

OUTPUTS = "outputs of the user-provided function"


def vjp(
    func: Function,
    inputs: Tensors,
    v: Tensors = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Tensors, Tensors]:
    """``func(*inputs)`` and the product of the vector ``v`` with the Jacobian, shaped as inputs.

    v: of the shape of the output; may be left out for an output of one element, where it is 1.
    """
    with enable_grad():
        several, xs = fresh_inputs("vjp", inputs, create_graph)
        several_ys, ys = called("vjp", func, xs, strict)
        if v is not None:
            v = vector("vjp", v, ys, several_ys, create_graph)
        elif len(ys) != 1 or ys[0].numel() != 1:
            raise RuntimeError(
                "The vector v can only be None if the user-provided function returns a single "
                "Tensor with a single element."
            )
        product = gradients(ys, xs, v, create_graph)
        product = filled(product, xs, strict, create_graph, "back")
    return processed(ys, several_ys, create_graph), processed(product, several, create_graph)


def jvp(
    func: Function,
    inputs: Tensors,
    v: Tensors = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Tensors, Tensors]:
    """``func(*inputs)`` and the product of the Jacobian with ``v``, shaped as the output.

    v: of the shape of the inputs; may be left out for an input of one element, where it is 1.
    """
    with enable_grad():
        several, xs = fresh_inputs("jvp", inputs, create_graph)
        v = input_vector("jvp", v, xs, several, create_graph)
        several_ys, ys = called("jvp", func, xs, strict)
        u, g = transposed(ys, xs, strict)
        product = gradients(g, u, v, create_graph)
        product = filled(product, ys, strict, create_graph, "back_trick")
    return processed(ys, several_ys, create_graph), processed(product, several_ys, create_graph)


def vhp(
    func: Function,
    inputs: Tensors,
    v: Tensors = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Tensors, Tensors]:
    """The scalar ``func(*inputs)`` and the product of ``v`` with its Hessian, shaped as inputs."""
    with enable_grad():
        several, xs = fresh_inputs("vhp", inputs, create_graph)
        v = input_vector("vhp", v, xs, several, create_graph)
        y, jac = gradient_of_scalar("vhp", func, xs, strict)
        product = gradients(jac, xs, v, create_graph)
        product = filled(product, xs, strict, create_graph, "double_back")
    return processed((y,), False, create_graph), processed(product, several, create_graph)


def hvp(
    func: Function,
    inputs: Tensors,
    v: Tensors = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Tensors, Tensors]:
    """The scalar ``func(*inputs)`` and the product of its Hessian with ``v``, shaped as inputs.

    The Hessian being symmetric, `vhp` gives the same for less.
    """
    with enable_grad():
        several, xs = fresh_inputs("hvp", inputs, create_graph)
        v = input_vector("hvp", v, xs, several, create_graph)
        y, jac = gradient_of_scalar("hvp", func, xs, strict)
        u = tuple([zeros(x, requires_grad=True) for x in xs])
        g = gradients(jac, xs, u, create_graph=True)
        check_differentiable([each for each in g if each is not None])
        check_requires_grad(jac, "hessian", strict)
        product = gradients(g, u, v, create_graph)
        product = filled(product, xs, strict, create_graph, "double_back_trick")
    return processed((y,), False, create_graph), processed(product, several, create_graph)


def jacobian(
    func: Function,
    inputs: Tensors,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Tensors:
    """The Jacobian, of shape output.shape + input.shape; for several of them, tuples of these.

    vectorize: accepted; the rows are computed one after the other all the same.
    strategy:  "reverse-mode", a backward pass for each element of the output; or "forward-mode",
               one for each element of the input, as `minigrad.func.jacfwd`.
    """
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your '
            'function has more outputs than inputs, "forward-mode" tends to be more performant. '
            'Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "forward-mode":
        return forward_jacobian(func, inputs, create_graph, strict, vectorize)
    with enable_grad():
        several, xs = fresh_inputs("jacobian", inputs, create_graph)
        several_ys, ys = called("jacobian", func, xs, strict)
        if vectorize and strict:
            raise RuntimeError(
                "minigrad.autograd.functional.jacobian: `strict=True` and `vectorized=True` are "
                "not supported together. Please either set `strict=False` or `vectorize=False`."
            )
        blocks = []
        for i, y in enumerate(ys):
            flat = y.reshape(-1)
            rows = [
                row_of_jacobian((i, flat[j]), xs, strict, create_graph) for j in range(flat.numel())
            ]
            blocks.append(tuple([block(y, x, [r[k] for r in rows]) for k, x in enumerate(xs)]))
    result = [processed(each, several, create_graph) for each in blocks]
    return tuple(result) if several_ys else result[0]


def hessian(
    func: Function,
    inputs: Tensors,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Tensors:
    """The Hessian of a function with one output of one element; tuples of tuples of its blocks
    for a tuple of inputs. The arguments are those of `jacobian`.
    """
    several, xs = tensors_of(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def scalar(*args: Any) -> Any:
        several_ys, ys = called("hessian", lambda: func(*args), (), strict)
        check_scalar("hessian", several_ys, ys)
        return ys[0].squeeze()

    def gradient(*args: Any) -> Any:
        jac = jacobian(scalar, args, create_graph=True)
        check_differentiable(jac)
        check_requires_grad(jac, "jacobian", strict)
        return jac

    rows = jacobian(gradient, xs, create_graph, strict, vectorize, outer_jacobian_strategy)
    return rows if several else rows[0][0]


def forward_jacobian(
    func: Function, inputs: Tensors, create_graph: bool, strict: bool, vectorize: bool
) -> Tensors:
    from minigrad.func import jacfwd

    name = "minigrad.autograd.functional.jacobian"
    if create_graph:
        raise NotImplementedError(
            f'{name}: `create_graph=True` and `strategy="forward-mode"` are not supported together '
            '(yet). Please either set `create_graph=False` or `strategy="reverse-mode"`.'
        )
    if strict:
        raise RuntimeError(
            f'{name}: `strict=True` and `strategy="forward-mode"` are not supported together '
            '(yet). Please either set `strict=False` or `strategy="reverse-mode"`.'
        )
    several, xs = tensors_of(inputs, "inputs", "jacobian")
    if not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian is"
            "only implemented for `vectorize=True`."
        )

    kinds: list[bool] = []

    def noted(*args: Any) -> Any:
        several_ys, ys = tensors_of(func(*args), OUTPUTS, "jacobian")
        kinds.append(several_ys)
        return ys

    blocks = jacfwd(noted, argnums=tuple(range(len(xs))))(*xs)
    result = [each if several else each[0] for each in blocks]
    return tuple(result) if kinds[0] else result[0]


def tensors_of(given: Any, what: str, function: str) -> tuple[bool, tuple[Any, ...]]:
    """Whether ``given`` is a tuple, and the tuple of its tensors. Raises TypeError for others."""
    several = isinstance(given, tuple)
    tensors = given if several else (given,)
    for i, x in enumerate(tensors):
        if not isinstance(x, Value):
            which = f"value at index {i}" if several else f"given {what}"
            raise TypeError(
                f"The {what} given to {function} must be either a Tensor or a tuple of Tensors but "
                f"the {which} has type {type(x)}."
            )
    return several, tensors


def fresh_inputs(function: str, inputs: Any, create_graph: bool) -> tuple[bool, tuple[Any, ...]]:
    """The inputs as new tensors: what else the function uses of them is not differentiated."""
    several, xs = tensors_of(inputs, "inputs", function)
    return several, tuple([fresh(x, create_graph, True) for x in xs])


def fresh(x: Any, create_graph: bool, requires_grad: bool) -> Any:
    if create_graph and x.requires_grad:
        return x.view_as(x)
    return x.detach().requires_grad_(requires_grad)


def called(
    function: str, func: Function, xs: Sequence[Any], strict: bool
) -> tuple[bool, tuple[Any, ...]]:
    several, ys = tensors_of(func(*xs), OUTPUTS, function)
    check_requires_grad(ys, "outputs", strict)
    return several, ys


def vector(
    function: str, v: Any, like: Sequence[Any], several: bool, create_graph: bool
) -> tuple[Any, ...]:
    """The vector ``v``, which must have the sizes of ``like``."""
    vs = tuple([fresh(x, create_graph, False) for x in tensors_of(v, "v", function)[1]])
    if len(vs) != len(like):
        raise RuntimeError(
            f"v is a tuple of invalid length: should be {len(like)} but got {len(vs)}."
            if several
            else "The given v should contain a single Tensor."
        )
    for i, (x, y) in enumerate(zip(vs, like, strict=True)):
        if x.size() != y.size():
            entry = f"Entry {i} in " if several else ""
            raise RuntimeError(
                f"{entry}v has invalid size: should be {y.size()} but got {x.size()}."
            )
    return vs


def input_vector(function: str, v: Any, xs: Any, several: bool, create_graph: bool) -> Any:
    if v is not None:
        return vector(function, v, xs, several, create_graph)
    if len(xs) != 1 or xs[0].numel() != 1:
        raise RuntimeError(
            "The vector v can only be None if the input to the user-provided function is a single "
            "Tensor with a single element."
        )
    return None


def gradient_of_scalar(
    function: str, func: Function, xs: Sequence[Any], strict: bool
) -> tuple[Any, Any]:
    several, ys = called(function, func, xs, strict)
    check_scalar(function, several, ys)
    jac = gradients(ys, xs, create_graph=True)
    check_differentiable([each for each in jac if each is not None])
    check_requires_grad(jac, "jacobian", strict)
    return ys[0], jac


def check_scalar(function: str, several: bool, ys: Sequence[Any]) -> None:
    if several:
        raise RuntimeError(f"The function given to {function} should return a single Tensor")
    if ys[0].numel() != 1:
        raise RuntimeError(
            f"The Tensor returned by the function given to {function} should contain a single "
            "element"
        )


def transposed(ys: Any, xs: Any, strict: bool) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """A cotangent u for each output, and g = u J, whose derivative is the transpose of J.

    u is 0: g is linear in it, so its value does not matter, and zeros make no infinities.
    """
    u = tuple([zeros(y, requires_grad=True) for y in ys])
    g = gradients(ys, xs, u, create_graph=True)
    check_differentiable([each for each in g if each is not None])
    check_requires_grad(g, "grad_inputs", strict)
    return u, g


def gradients(
    ys: Sequence[Any],
    xs: Sequence[Any],
    cotangents: Any = None,
    create_graph: bool = False,
    retain_graph: bool | None = None,
) -> tuple[Any, ...]:
    """As `grad`, but outputs that are None or do not require grad count as constants."""
    cotangents = (None,) * len(ys) if cotangents is None else cotangents
    kept = [
        (y, v) for y, v in zip(ys, cotangents, strict=True) if y is not None and y.requires_grad
    ]
    if not kept:
        return (None,) * len(xs)
    roots, seeds = zip(*kept, strict=True)
    found: tuple[Any, ...] = grad(roots, xs, seeds, retain_graph, create_graph, allow_unused=True)
    return found


def row_of_jacobian(
    output: tuple[int, Any], xs: Sequence[Any], strict: bool, create_graph: bool
) -> list[Any]:
    """The gradients of one element of output ``i``."""
    i, element = output
    row = []
    found = gradients((element,), xs, None, create_graph, retain_graph=True)
    for k, (g, x) in enumerate(zip(found, xs, strict=True)):
        if g is None:
            if strict:
                raise RuntimeError(
                    f"Output {i} of the user-provided function is independent of input {k}. This "
                    "is not allowed in strict mode."
                )
            g = zeros(x)
        elif strict and create_graph and not g.requires_grad:
            raise RuntimeError(  # torch names the output here, and calls it input
                f"The jacobian of the user-provided function is independent of input {i}. This is "
                "not allowed in strict mode when create_graph=True. The derivative of output "
                f"{i} with respect to input {k} is a constant."
            )
        row.append(g)
    return row


def block(y: Any, x: Any, rows: Sequence[Any]) -> Any:
    """The rows of a Jacobian as one tensor."""
    shape = (*y.shape, *x.shape)
    return stack(rows, 0).view(shape) if rows else zeros(x, shape)


def zeros(like: Any, shape: Any = None, requires_grad: bool = False) -> Any:
    array = like.array
    made = wrap(np.zeros(array.shape if shape is None else shape, array.dtype))
    return made.requires_grad_() if requires_grad else made


def processed(tensors: Sequence[Any], several: bool, create_graph: bool) -> Tensors:
    """What the user gets: without history, unless it was asked for."""
    given = tuple(tensors) if create_graph else tuple([x.detach() for x in tensors])
    return given if several else given[0]


STRICT = "This is not allowed in strict mode."


def check_requires_grad(tensors: Sequence[Any], what: str, strict: bool) -> None:
    """In strict mode, raise an error for what is independent of the inputs."""
    if not strict:
        return
    for i, x in enumerate(tensors):
        if x is None:
            raise RuntimeError(
                f"The output of the user-provided function is independent of input {i}. {STRICT}"
            )
        if x.requires_grad:
            continue
        if what == "hessian":
            raise RuntimeError(
                f"The hessian of the user-provided function with respect to input {i} is "
                f"independent of the input. {STRICT} You should ensure that your function is "
                "thrice differentiable and that the hessian depends on the inputs."
            )
        if what == "jacobian":
            raise RuntimeError(
                "While computing the hessian, found that the jacobian of the user-provided "
                f"function with respect to input {i} is independent of the input. {STRICT} You "
                "should ensure that your function is twice differentiable and that the jacobian "
                "depends on the inputs (this would be violated by a linear function for example)."
            )
        if what == "grad_inputs":
            raise RuntimeError(
                f"The gradient with respect to input {i} is independent of the inputs of the "
                f"user-provided function. {STRICT}"
            )
        raise RuntimeError(
            f"Output {i} of the user-provided function does not require gradients. The outputs "
            "must be computed in a differentiable manner from the input when running in strict "
            "mode."
        )


def filled(
    found: Sequence[Any], like: Sequence[Any], strict: bool, create_graph: bool, stage: str
) -> tuple[Any, ...]:
    """The products with zeros where nothing depends on anything, which ``strict`` refuses.

    stage: "back" or "double_back", with "_trick" where the last pass was the one that transposes.
    """
    result = []
    for i, (g, x) in enumerate(zip(found, like, strict=True)):
        if g is None and strict:
            if stage == "back":
                subject = f"output of the user-provided function is independent of input {i}"
            elif stage == "back_trick":
                subject = (
                    f"gradient with respect to the input is independent of entry {i} in the "
                    "grad_outputs when using the double backward trick to compute forward mode "
                    "gradients"
                )
            elif stage == "double_back":
                subject = f"jacobian of the user-provided function is independent of input {i}"
            else:
                subject = (
                    f"hessian of the user-provided function is independent of entry {i} in the "
                    "grad_jacobian"
                )
            raise RuntimeError(f"The {subject}. {STRICT}")
        if g is not None and strict and create_graph and not g.requires_grad:
            which = "hessian" if "double" in stage else "jacobian"
            raise RuntimeError(
                f"The {which} of the user-provided function is independent of input {i}. This is "
                "not allowed in strict mode when create_graph=True."
            )
        result.append(zeros(x) if g is None else g)
    return tuple(result)
