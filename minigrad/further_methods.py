"""Methods of a Tensor that are rarely called."""

from __future__ import annotations

from minigrad.autograd.inplace import in_place, in_place_apart
from minigrad.later import lu as lu_ops
from minigrad.later import rarer, scatter_reduction, special, trivial
from minigrad.methods import Method, Methods


class FurtherMethods(Methods):
    """The rarer functions of minigrad.ops as methods."""

    __slots__ = ()

    frexp: Method = rarer.frexp
    hardshrink: Method = trivial.hardshrink
    i0: Method = special.i0
    i0_: Method = in_place(special.i0)
    igamma: Method = special.igamma
    igamma_: Method = in_place(special.igamma)
    igammac: Method = special.igammac
    igammac_: Method = in_place(special.igammac)
    index_reduce: Method = scatter_reduction.index_reduce
    index_reduce_: Method = in_place_apart(scatter_reduction.index_reduce)
    is_pinned: Method = trivial.is_never
    is_shared: Method = trivial.is_never
    lu: Method = lu_ops.lu
    lu_solve: Method = lu_ops.lu_solve
    mvlgamma: Method = special.mvlgamma
    mvlgamma_: Method = in_place(special.mvlgamma)
    nextafter: Method = rarer.nextafter
    nextafter_: Method = in_place(rarer.nextafter)
    prelu: Method = trivial.prelu
    to_dense: Method = trivial.to_dense
