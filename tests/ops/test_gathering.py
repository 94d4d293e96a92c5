"""Elements picked by indices, against torch."""

from tests.expressions import agree

test_expressions = agree(
    "x.gather(1,T([[0,5]]))",
    "x.gather(1,T([[0,-1]]))",
    "x.gather(1,T([0]))",
    "x.gather(1,T([[0.]]))",
    "x.gather(0,T([[0,1,0,1]]))",
    "x.gather(1,T([[0,1,0,1]]))",
    "s.gather(0,T(0))",
    "v.gather(0,T(1))",
    "s.gather(0,T([0,0]))",
    "x.gather(1,t.zeros(2,0,dtype=t.long))",
    "x.gather(1,t.zeros(0,dtype=t.long))",
    "x.gather(1,T([[0],[1]],dtype=t.int32))",
    "x.gather(dim=1,index=T([[0],[1]]))",
    "t.gather(x,1,T([[0],[1]],dtype=t.uint8))",
    "x.take(T([0,-1])),x.take(T([[0,5]])),x.take(T(3))",
    "x.take(T([6]))",
    "x.take(T([0.]))",
    "t.zeros(0).take(T([0]))",
    "t.take_along_dim(x,x.argmax(1,keepdim=True),1)",
    "t.take_along_dim(x,T([0,1]))",
    "t.take_along_dim(x,T([0]),1)",
    "t.take_along_dim(x,T([[0.]]),1)",
    "x.gather(1, T([[0, 0, 0, 2], [1, 1, 2, 2]]))",
    "x.take(T([[0, -1], [0, 0]]))",
    "t.take_along_dim(x, T([[-1], [0]]), 1)",
    "t.take_along_dim(x, T([[0, 1, 1]]), 0)",
    "x.t().gather(0, T([[1, 0]])), x.t().take(T([1, 2]))",
    "e.gather(2, T([[[0, 3], [1, 1]]]))",
)
