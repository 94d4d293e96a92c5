"""One index or a range of a dimension, against torch."""

from tests.expressions import agree

test_expressions = agree(
    "s.select(0,0)",
    "x.select(0,2)",
    "x.select(3,2)",
    "x.narrow(0,1,2)",
    "s.narrow(0,0,1)",
    "x.narrow(0,0,-1)",
    "x.narrow(0,5,1)",
    "x.narrow(0,-1,1)",
    "x.narrow(0,T(1),1)",
    "x.narrow(0,T([1]),1)",
    "x.narrow(0,T(1.),1)",
    "x.narrow_copy(0,3,1)",
    "s.narrow_copy(0,0,1)",
)
