"""``vmap``: a function of one sample made one of a batch, by a loop over the slices."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.autograd.forward_ad import behind
from minigrad.autograd.modes import transform
from minigrad.autograd.value import Value, edge_of
from minigrad.draws import watched
from minigrad.ops.joining import stack
from minigrad.trees import Spec, flatten, spread, unflatten

Function = Callable[..., Any]


def vmap(
    func: Function,
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Function:
    """A function that applies ``func`` to every slice of its arguments and stacks the results.

    in_dims:   for each argument (or leaf of it) the dimension to map over, None to pass it whole;
               one number for all.
    out_dims:  for each output where that dimension goes; None for one that does not have it.
    randomness:  "error" refuses random operations, "different" gives every slice its own numbers,
               "same" gives all the same.
    chunk_size:  accepted.

    It is a loop and a stack: clear, differentiable, nestable with every other transform, and no
    faster than the loop. So what torch refuses works here: ``item()``, ``if`` on a value. But there
    must be at least one slice, since the function shows what it returns only when called; and a
    write to a tensor that the function closes over happens once for each slice, in order. Raises
    RuntimeError for a write to an argument that is passed whole, and ValueError for ``in_dims``
    that do not fit.
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(
            "Only allowed values for randomness are 'error', 'different', or 'same'. Got "
            f"{randomness}"
        )
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")
    name = getattr(func, "__name__", None) or repr(func)

    @transform
    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        check_out_dims(out_dims, name)
        leaves, spec, dims = mapped_inputs(args, in_dims, name)
        n = batch_size(leaves, dims)
        if n == 0:
            raise RuntimeError(
                f"vmap({name}): the mapped dimension has size 0. minigrad's vmap is a loop, and "
                "cannot tell the shape of the output without a call."
            )
        whole = [x for x, d in zip(leaves, dims, strict=True) if d is None and isinstance(x, Value)]
        versions = [x._version for x in whole]
        results, slices = [], []
        for i in range(n):
            taken = [
                x if d is None else slice_of(x, d, i) for x, d in zip(leaves, dims, strict=True)
            ]
            slices.append([x for x, d in zip(taken, dims, strict=True) if d is not None])
            call = functools.partial(func, *unflatten(taken, spec), **kwargs)
            results.append(drawn(call, randomness, i == n - 1))
            if [x._version for x in whole] != versions:
                raise RuntimeError(
                    "vmap: inplace arithmetic(self, *extra_args) is not possible because there "
                    "exists a Tensor `other` in extra_args that has more elements than `self`. "
                    "Write to a clone() of a tensor that is not mapped over: each slice would "
                    "write to it again."
                )
        return joined(results, slices, out_dims, name)

    return wrapper


def check_out_dims(out_dims: Any, name: str) -> None:
    for d in flatten(out_dims)[0]:
        if d is not None and not isinstance(d, int):
            raise ValueError(
                f"vmap({name}, ..., out_dims={out_dims}): `out_dims` must be an int, None or a "
                "python collection of ints representing where in the outputs the vmapped dimension "
                "should appear."
            )


def mapped_inputs(args: Any, in_dims: Any, name: str) -> tuple[list[Any], Spec, list[int | None]]:
    """The leaves of the arguments, and for each the dimension to map over or None."""
    call = f"vmap({name}, in_dims={in_dims}, ...)(<inputs>)"
    if not isinstance(in_dims, int | tuple):
        raise ValueError(
            f"{call}: expected `in_dims` to be int or a (potentially nested) tuple matching the "
            f"structure of inputs, got: {type(in_dims)}."
        )
    if not args:
        raise ValueError(
            f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are "
            "trying to vmap over a function with no inputs. The latter is unsupported."
        )
    leaves, spec = flatten(args)
    dims = spread(in_dims, spec)
    if dims is None:
        raise ValueError(
            f"{call}: in_dims is not compatible with the structure of `inputs`. in_dims has "
            f"structure {flatten(in_dims)[1]} but inputs has structure {spec}."
        )
    for x, d in zip(leaves, dims, strict=True):
        if d is None:
            continue
        if not isinstance(d, int):
            raise ValueError(
                f"{call}: Got in_dim={d} for an input but in_dim must be either an integer "
                "dimension or None."
            )
        if not isinstance(x, Value):
            raise ValueError(
                f"{call}: Got in_dim={d} for an input but the input is of type {type(x)}. We "
                "cannot vmap over non-Tensor arguments, please use None as the respective in_dim"
            )
        n = x.array.ndim
        if not -n <= d < n:
            raise ValueError(
                f"{call}: Got in_dim={d} for some input, but that input is a Tensor of "
                f"dimensionality {n} so expected in_dim to satisfy -{n} <= in_dim < {n}."
            )
    return leaves, spec, dims


def batch_size(leaves: Sequence[Any], dims: Sequence[int | None]) -> int:
    sizes = [x.array.shape[d] for x, d in zip(leaves, dims, strict=True) if d is not None]
    if not sizes:
        raise ValueError("vmap: Expected at least one Tensor to vmap over")
    if any(n != sizes[0] for n in sizes):
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{sizes} for the mapped dimension"
        )
    return int(sizes[0])


def slice_of(x: Any, dim: int, i: int) -> Any:
    return x[(slice(None),) * (dim % x.array.ndim) + (i,)]


def drawn(call: Callable[[], Any], randomness: str, last: bool) -> Any:
    """The result of a call, with random numbers as ``randomness`` says."""
    if randomness == "different":
        return call()
    with watched() as states:
        result = call()
    drew = any(not np.array_equal(stream.get_state(), state) for stream, state in states.items())
    if drew and not (randomness == "same" and last):
        for stream, state in states.items():
            stream.set_state(state)
    if drew and randomness == "error":
        raise RuntimeError(
            "vmap: called random operation while in randomness error mode. Please either use the "
            "'same' or 'different' randomness flags on vmap or perform the randomness operation "
            "out of vmap"
        )
    return result


def joined(results: Sequence[Any], slices: Sequence[Any], out_dims: Any, name: str) -> Any:
    """The results of all slices, stacked leaf by leaf."""
    flat = [flatten(each) for each in results]
    spec = flat[0][1]
    if any(each != spec for _, each in flat):
        raise ValueError(
            f"vmap({name}, ...): `{name}` returned other structures for some slices than for the "
            f"first: {spec}"
        )
    single = spec.kind is None
    if single and isinstance(out_dims, tuple) and len(out_dims) == 1:
        out_dims = out_dims[0]
    dims = spread(out_dims, spec)
    if dims is None:
        raise ValueError(
            f"vmap({name}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with "
            f"the structure of `outputs`. out_dims has structure {flatten(out_dims)[1]} but "
            f"outputs has structure {spec}."
        )
    columns = zip(*[leaves for leaves, _ in flat], strict=True)
    return unflatten(
        [stacked(c, d, slices, name) for c, d in zip(columns, dims, strict=True)], spec
    )


def stacked(column: Sequence[Any], dim: int | None, slices: Sequence[Any], name: str) -> Any:
    first = column[0]
    if dim is None:
        if isinstance(first, Value) and not same_for_all(column, slices):
            raise ValueError(
                f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None"
            )
        return first
    if not isinstance(first, Value):
        raise ValueError(
            f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(first)}. Did "
            "you mean to set out_dims= to None for output?"
        )
    n = first.array.ndim + 1
    if not -n <= dim < n:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})"
        )
    return stack(list(column), dim)


def same_for_all(column: Sequence[Any], slices: Sequence[Any]) -> bool:
    """Whether an output that is to be returned once does not depend on the slice."""
    first = column[0]
    if any(y.array.tobytes() != first.array.tobytes() for y in column):
        return False
    ends = {edge[0] for own in slices for x in own if (edge := edge_of(x)) is not None}
    return not any(target in ends for target in behind(column))
