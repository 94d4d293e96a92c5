"""Functions into their derivatives: ``grad(f)`` is a function like ``f``.

    grad(f)(x)              the gradient of a scalar f          jacrev(f)(x), jacfwd(f)(x)
    grad(grad(f))(x)        and of that                         hessian(f)(x) = jacfwd(jacrev(f))(x)
    vmap(grad(f))(batch)    one for each sample

A transform differentiates with respect to its own arguments and to nothing else, although all
levels share one tape: each gives the function *new tensors* and asks for the gradients there. So
in ``grad(lambda x: x * grad(lambda y: x * y)(x))`` the inner y is another tensor than x, and the
inner gradient is x, not 2x (the confusion of perturbations that naive nesting falls into).

Arguments that require grad, and tensors that the function closes over, stay connected to the
results: ordinary ``backward()`` reaches them. A no_grad() around a transform cuts that connection
and does not disturb the transform itself, nor one around it; one inside the function is obeyed by
`grad` and `vjp`, as in torch, and refused by `jvp`, `jacfwd` and `hessian`, where it would lose
tangents. Where the function that `vjp` returns is called says whether its gradients are connected.

Arguments and results may be nested tuples, lists and dicts of tensors.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.autograd import api
from minigrad.autograd.forward_ad import Level, check_differentiable, close, leads_beyond
from minigrad.autograd.modes import enable_grad, is_grad_enabled, transform
from minigrad.autograd.value import Value, edge_of, wrap
from minigrad.ops.joining import stack
from minigrad.trees import flatten, unflatten

Function = Callable[..., Any]
Argnums = int | tuple[int, ...]


def grad(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """A function that returns the gradient of the scalar ``func``.

    argnums: which argument, or arguments, to differentiate by; the gradient has their structure.
    has_aux: ``func`` returns (output, aux), and the function then (gradient, aux).

    That function raises RuntimeError if the output is no tensor or has dimensions, for ``argnums``
    that are no ints, out of range, empty or twice the same, for arguments of integers and for an
    argument that is written to; ValueError for one that is no tensor.
    """

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        found, value = differentiated(func, argnums, has_aux, args, kwargs)
        return (found, value[1]) if has_aux else found

    return wrapper


def grad_and_value(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """As `grad`, but the function returns (gradient, output), or (gradient, (output, aux))."""

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return differentiated(func, argnums, has_aux, args, kwargs)

    return wrapper


@transform
def differentiated(
    func: Function, argnums: Argnums, has_aux: bool, args: Any, kwargs: Any
) -> tuple[Any, Any]:
    """The gradient of ``func(*args, **kwargs)``, and its value."""
    outside = is_grad_enabled()
    with enable_grad():
        tracked = Tracked(args, argnums, outside)
        y, aux = tracked.call(func, kwargs, "grad_and_value(f)(*args)" if has_aux else "")
        name = "grad_and_value(f)(*args): Expected f(*args) to return a"
        if not isinstance(y, Value):
            raise RuntimeError(f"{name} Tensor, got {type(y)}")
        if y.array.ndim != 0:
            raise RuntimeError(
                f"{name} scalar Tensor, got tensor with {y.array.ndim} dims. Maybe you wanted to "
                "use the vjp or jacrev APIs instead?"
            )
        on_graph = outside and tracked.lead_beyond([y])
        found = tracked.rebuilt(tracked.gradients([y], None, on_graph, on_graph))
    y = tracked.outwards(y)
    value = (y, tracked.released(aux)) if has_aux else y
    close(tracked.inputs)
    return found, value


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """``func(*primals)``, and a function from its cotangents to the tuple of its inputs'.

    Returns (output, vjp_fn), or (output, vjp_fn, aux) where ``func`` returns (output, aux). The
    cotangents have the structure of the output. The graph stays until vjp_fn is dropped. Raises
    RuntimeError for primals of integers and outputs that are no tensors or of integers, ValueError
    for primals that are no tensors; vjp_fn RuntimeError for cotangents of another structure or
    shape.
    """
    y, vjp_fn, aux = pulled_back(func, primals, None, has_aux)
    return (y, vjp_fn, aux) if has_aux else (y, vjp_fn)


@transform
def pulled_back(func: Function, args: Any, argnums: Any, has_aux: bool) -> tuple[Any, Any, Any]:
    outside = is_grad_enabled()
    with enable_grad():
        tracked = Tracked(args, argnums, outside)
        y, aux = tracked.call(func, {}, "vjp(f, *primals)" if has_aux else "")
        ys, spec = flatten(y)
        check_outputs("vjp(f, *primals)", ys)
        for each in ys:
            if each.array.dtype.kind != "f":
                raise RuntimeError(
                    "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got "
                    f"Tensor with dtype {each.dtype}"
                )
        result = unflatten([tracked.outwards(each) for each in ys], spec)

    @transform
    def vjp_fn(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        vs, given = flatten(cotangents)
        if given != spec:
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of "
                f"outputs to the function. cotangents: {given}, primal output: {spec}"
            )
        for v in vs:
            if v is not None and not isinstance(v, Value):
                raise TypeError(
                    f"gradients can be either Tensors or None, but got {type(v).__name__}"
                )
        if create_graph is None:
            create_graph = is_grad_enabled() and tracked.lead_beyond([*ys, *vs])
        # The graph that leads outwards is not this level's alone, and not for it to free.
        keep = retain_graph or create_graph or tracked.lead_beyond(ys)
        return tracked.rebuilt(tracked.gradients(ys, vs, keep, create_graph))

    aux = tracked.released(aux) if has_aux else None
    close(tracked.inputs)
    return result, vjp_fn, aux


@transform
def jvp(
    func: Function, primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> Any:
    """``func(*primals)`` and the product of its Jacobian with ``tangents``.

    primals, tangents: tuples of the same structure. strict: refuse an output that does not depend
    on the inputs, whose tangent is otherwise 0. Returns (output, tangent), or these and aux. Raises
    RuntimeError for other structures or shapes, for what is no tensor, and where ``strict``
    refuses; ValueError for primals of integers.

    The tangent is found by two backward passes; see `minigrad.autograd.forward_ad`.
    """
    name = "jvp(f, primals, tangents)"
    if not isinstance(primals, tuple):
        raise RuntimeError(
            f"{name}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals)."
        )
    xs, spec = flatten(primals)
    ts, given = flatten(tangents)
    if given != spec:
        raise RuntimeError(
            f"{name}: Expected primals and tangents to have the same python structure. For "
            "example, if primals is a tuple of 3 tensors, tangents also must be. Got primals with "
            f"structure {spec} and tangents with structure {given}"
        )
    for what, leaves in (("primals", xs), ("tangents", ts)):
        check_tensors(name, what, leaves)
    with Level() as level:
        duals = [level.lift(x, t) for x, t in zip(xs, ts, strict=True)]
        y, aux = split_aux(func(*unflatten(duals, spec)), name, has_aux)
        ys, y_spec = flatten(y)
        check_outputs(name, ys)
        pairs = [level.lower(each) for each in ys]
        if strict and any(t is None for _, t in pairs):
            raise RuntimeError(
                "jvp(f, primals, tangents, strict=True): The output of f is independent of the "
                "inputs. This is not allowed with strict=True."
            )
        results = [
            unflatten([primal for primal, _ in pairs], y_spec),
            unflatten([zeros(p) if t is None else t for p, t in pairs], y_spec),
        ]
        if has_aux:
            results.append(mapped(level.outwards, aux))
    return tuple(results)


@transform
def linearize(func: Function, *primals: Any) -> tuple[Any, Function]:
    """``func(*primals)``, and a function from tangents to the tangent of the output.

    ``func`` runs once, and what is left of it, a linear map, for each call of that function. Raises
    RuntimeError for tangents of other structure, shapes or dtypes than the primals.
    """
    xs, spec = flatten(primals)
    y, vjp_fn = vjp(func, *primals)
    ys, y_spec = flatten(y)
    with enable_grad():
        us = [zeros(each).requires_grad_() for each in ys]
        g = flatten(vjp_fn(unflatten(us, y_spec), create_graph=True))[0]
    close(us)
    check_differentiable([each for each in g if each.requires_grad])

    def jvp_fn(*tangents: Any) -> Any:
        ts, given = flatten(tangents)
        if given != spec:
            raise RuntimeError(
                f"Expected the tangents {given} to have the same argspec as the primals {spec}"
            )
        for i, (x, t) in enumerate(zip(xs, ts, strict=True)):
            for what in ("shape", "dtype"):
                if getattr(t, what) != getattr(x, what):
                    raise RuntimeError(
                        f"tangent:{i} with {what} {getattr(t, what)} in flattened pytree doesn't "
                        f"match the {what} {getattr(x, what)} of the corresponding primal."
                    )
        kept = [(each, t) for each, t in zip(g, ts, strict=True) if each.requires_grad]
        found: Any = [None] * len(us)
        if kept:
            roots, seeds = zip(*kept, strict=True)
            on_graph = is_grad_enabled() and leads_beyond([*roots, *seeds], set(us))
            found = api.grad(roots, us, seeds, True, on_graph, allow_unused=True)
        made = [zeros(u) if t is None else t for t, u in zip(found, us, strict=True)]
        return unflatten(made, y_spec)

    return y, jvp_fn


def jacrev(
    func: Function,
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
) -> Function:
    """A function that returns the Jacobian of ``func``: output.shape + input.shape.

    One backward pass for each element of the output. The result has the structure of the output,
    with that of the arguments ``argnums`` in the place of each leaf. ``chunk_size`` is accepted:
    the passes run one by one; ValueError unless it is positive. Errors of the function: as of
    `grad` for arguments and ``argnums``, as of `vjp` for outputs.
    """
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def wrapper(*args: Any) -> Any:
        y, vjp_fn, aux = pulled_back(func, args, argnums, has_aux)
        ys, y_spec = flatten(y)
        xs, x_spec = flatten(chosen(args, argnums))
        blocks = []
        for i, each in enumerate(ys):
            rows = []
            for v in basis(each):
                vs = [v if k == i else zeros(other) for k, other in enumerate(ys)]
                rows.append(flatten(vjp_fn(unflatten(vs, y_spec)))[0])
            found = [
                block([row[k] for row in rows], 0, (*each.shape, *x.shape), x)
                for k, x in enumerate(xs)
            ]
            blocks.append(unflatten(found, x_spec))
        jacobian = unflatten(blocks, y_spec)
        return (jacobian, aux) if has_aux else jacobian

    return wrapper


def jacfwd(
    func: Function, argnums: Argnums = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Function:
    """As `jacrev`, column by column: a product with a basis vector for each element of the input.

    The function is called once. ``randomness`` is accepted. Raises RuntimeError for arguments and
    outputs that are no tensors, and for ``argnums`` as `grad`; ValueError for arguments of
    integers.
    """

    @transform
    @functools.wraps(func)
    def wrapper(*args: Any) -> Any:
        differentiable = chosen(args, argnums)
        xs, x_spec = flatten(differentiable)
        check_tensors("jvp(f, primals, tangents)", "primals", xs)
        with Level() as level:
            duals = unflatten([level.lift(x, zeros(x)) for x in xs], x_spec)
            name = "jvp(f, primals, tangents)"
            y, aux = split_aux(func(*replaced(args, argnums, duals)), name, has_aux)
            ys, y_spec = flatten(y)
            check_outputs(name, ys)
            blocks = []
            for each in ys:
                u, g = level.transpose(each)
                found = []
                for k, x in enumerate(xs):
                    columns = [level.tangent(u, g[k : k + 1], [t]) for t in basis(x)]
                    columns = [zeros(each) if c is None else c for c in columns]
                    found.append(block(columns, -1, (*each.shape, *x.shape), each))
                blocks.append(unflatten(found, x_spec))
            aux = mapped(level.outwards, aux) if has_aux else None
        jacobian = unflatten(blocks, y_spec)
        return (jacobian, aux) if has_aux else jacobian

    return wrapper


def hessian(func: Function, argnums: Argnums = 0) -> Function:
    """A function that returns the Hessian of ``func``: ``jacfwd(jacrev(func))``.

    Its shape is output.shape + input.shape + input.shape. Errors as of `jacfwd` and `jacrev`.
    """
    return jacfwd(jacrev(func, argnums), argnums)


class Tracked:
    """The arguments of one call of a transform, in tensors of its own."""

    def __init__(self, args: tuple[Any, ...], argnums: Any, outside: bool) -> None:
        self.outside = outside  # whether the outputs may be connected to what is around
        wanted = chosen(args, argnums)
        leaves, self.spec = flatten(wanted)
        self.inputs = [self.fresh(x) for x in leaves]
        self.edges = [edge_of(x) for x in self.inputs]
        self.args = replaced(args, argnums, unflatten(self.inputs, self.spec))

    def fresh(self, x: Any) -> Any:
        if not isinstance(x, Value):
            raise ValueError(f"Thing passed to transform API must be Tensor, got {type(x)}")
        tensor: Any = x
        # One that requires grad and leads nowhere has to be an end itself, as a constant has: what
        # depends on it would pass for independent of all that is around an inner transform.
        if leads_beyond([tensor], set()):
            return tensor.view_as(tensor)
        return tensor.detach().requires_grad_()

    def call(self, func: Function, kwargs: Any, aux: str) -> tuple[Any, Any]:
        y = func(*self.args, **kwargs)
        if [edge_of(x) for x in self.inputs] != self.edges:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation. The "
                "arguments of a function that is differentiated must not be written to."
            )
        return split_aux(y, aux, bool(aux))

    def gradients(self, ys: Any, vs: Any, retain_graph: bool, create_graph: bool) -> list[Any]:
        vs = [None] * len(ys) if vs is None else vs
        kept = [(y, v) for y, v in zip(ys, vs, strict=True) if y.requires_grad]
        if not kept:
            return [zeros(x) for x in self.inputs]
        roots, seeds = zip(*kept, strict=True)
        check_differentiable(roots)
        found = api.grad(roots, self.inputs, seeds, retain_graph, create_graph, allow_unused=True)
        # Whether they are connected to what is around is up to where the gradients are asked for,
        # which for `vjp` may be elsewhere than where the function ran.
        found = [zeros(x) if g is None else g for g, x in zip(found, self.inputs, strict=True)]
        return [g if create_graph and self.lead_beyond([g]) else g.detach() for g in found]

    def rebuilt(self, gradients: Sequence[Any]) -> Any:
        return unflatten(gradients, self.spec)

    def lead_beyond(self, tensors: Sequence[Any]) -> bool:
        return leads_beyond(tensors, set(self.inputs))

    def outwards(self, y: Any) -> Any:
        """The tensor without this level: detached, unless it depends on something else, too."""
        return y if self.outside and self.lead_beyond([y]) else y.detach()

    def released(self, aux: Any) -> Any:
        leaves, _ = flatten(aux)
        for each in leaves:
            if not isinstance(each, Value):
                raise RuntimeError(f"Expected tensors, got unsupported type {type(each)}")
        return mapped(self.outwards, aux)


def mapped(f: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with ``f`` applied to its tensors."""
    leaves, spec = flatten(tree)
    return unflatten([f(each) if isinstance(each, Value) else each for each in leaves], spec)


def split_aux(y: Any, name: str, has_aux: bool) -> tuple[Any, Any]:
    if not has_aux:
        return y, None
    if not (isinstance(y, tuple) and len(y) == 2):
        raise RuntimeError(
            f"{name}: output of function f should be a tuple: (output, aux) if has_aux is True"
        )
    return y


def chosen(args: tuple[Any, ...], argnums: Any) -> Any:
    """The arguments to differentiate by: one, a tuple, or all for None."""
    if argnums is None:
        return args
    if not isinstance(argnums, int | tuple):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    if isinstance(argnums, int):
        return args[position(argnums, len(args))]
    places = [position(i, len(args)) for i in argnums]
    if not places:
        raise RuntimeError("argnums must be non-empty")
    if len(set(places)) != len(places):
        raise RuntimeError(f"argnums elements must be unique, got {argnums}")
    return tuple([args[i] for i in places])


def position(argnum: Any, n: int) -> int:
    if not isinstance(argnum, int):
        raise RuntimeError(f"argnum must be int, got: {type(argnum)}")
    if not -n <= argnum < n:
        raise RuntimeError(f"Got argnum={argnum}, but only {n} positional inputs")
    return argnum % n


def replaced(args: tuple[Any, ...], argnums: Any, new: Any) -> tuple[Any, ...]:
    """The arguments with those ``chosen`` replaced."""
    if argnums is None:
        return tuple(new)
    result = list(args)
    places = (argnums,) if isinstance(argnums, int) else argnums
    for i, x in zip(places, (new,) if isinstance(argnums, int) else new, strict=True):
        result[position(i, len(args))] = x
    return tuple(result)


def check_tensors(name: str, what: str, leaves: Sequence[Any]) -> None:
    if not leaves:
        raise RuntimeError(f"{name}: Expected {what} to contain at least one Tensor.")
    for each in leaves:
        if not isinstance(each, Value):
            raise RuntimeError(f"{name}: Expected {what} to only contain Tensors, got {type(each)}")


def check_outputs(name: str, ys: Sequence[Any]) -> None:
    if not ys or (len(ys) == 1 and ys[0] is None):
        raise RuntimeError(
            f"{name}: Expected f to be a function that has non-empty output (got output = {ys})"
        )
    for each in ys:
        if not isinstance(each, Value):
            raise RuntimeError(
                f"{name}: expected f(*primals) to return only tensors, got unsupported type "
                f"{type(each)}"
            )


def zeros(like: Any) -> Any:
    return wrap(np.zeros(like.array.shape, like.array.dtype))


def basis(x: Any) -> list[Any]:
    """For each element of ``x`` a tensor of its shape with a 1 there and zeros elsewhere."""
    made = []
    for place in np.ndindex(x.array.shape):
        v = np.zeros(x.array.shape, x.array.dtype)
        v[place] = 1
        made.append(wrap(v))
    return made


def block(parts: Sequence[Any], dim: int, shape: tuple[int, ...], like: Any) -> Any:
    """Rows (``dim`` 0) or columns (-1) of a Jacobian as one tensor."""
    if not parts:
        return wrap(np.zeros(shape, like.array.dtype))
    return stack(parts, dim).reshape(shape)
