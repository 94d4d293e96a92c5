"""Dimensions moved and added, against torch."""

from tests.expressions import agree

test_expressions = agree(
    "t.atleast_2d([s,v])",
    "t.atleast_1d()",
    "t.atleast_1d([])",
    "t.atleast_2d((s,v),v)",
    "t.movedim(x,(0,1),(0,))",
    "t.movedim(x,(0,0),(0,1))",
    "t.movedim(x,(0,1),(1,1))",
    "s.mT",
    "v.mT",
    "v.H",
    "s.H",
    "v.mH",
    "s.mH",
    "v.adjoint()",
    "s.adjoint()",
    "x.swapaxes(axis0=0,axis1=1).shape,x.swapdims(dim0=0,dim1=1).shape,x.transpose(dim0=0,dim1=1).shape",
    "t.broadcast_shapes((2, 1), (3,), 4)",
    "t.broadcast_shapes((2, 1), (3,), 1)",
    "t.broadcast_shapes((-1,))",
    "t.broadcast_shapes()",
    "t.broadcast_shapes((2,), (3,))",
)
