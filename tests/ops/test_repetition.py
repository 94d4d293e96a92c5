"""Elements repeated and turned round, against torch."""

import pytest

from tests.expressions import agree
from tests.judge import data, judged

test_expressions = agree(
    "x.repeat(2)",
    "x.repeat(2,2)",
    "x.repeat((2,1,2)).shape",
    "x.repeat(-1,2)",
    "x.repeat(0,2)",
    "x.repeat([2,1])",
    "s.repeat(3)",
    "s.repeat(())",
    "x.tile(2),x.tile((2,1)),t.tile(x,(2,1,1)).shape,t.tile(x,dims=(2,))",
    "s.tile(())",
    "x.repeat_interleave(2),x.repeat_interleave(2,1),x.repeat_interleave(T([1,2]),0),x.repeat_interleave(T([2]),0),x.repeat_interleave(T(2),0)",
    "x.repeat_interleave(T([1,2,3]),0)",
    "x.repeat_interleave(-1,0)",
    "x.repeat_interleave(T([1,-2]),0)",
    "x.repeat_interleave(T([1.,2]),0)",
    "t.repeat_interleave(T([1,2,0,1]))",
    "t.repeat_interleave(T([[1]]))",
    "x.repeat_interleave(T([1,2]),dim=0,output_size=3)",
    "x.repeat_interleave(T([1,2]),dim=0,output_size=4)",
    "x.repeat_interleave(2,dim=0,output_size=4)",
    "x.repeat_interleave(2,dim=0,output_size=5)",
    "x.repeat_interleave(repeats=2,dim=-1)",
    "s.repeat_interleave(3)",
    "t.repeat_interleave(x,repeats=2,dim=0)",
    "t.ones(0,3).repeat_interleave(2,0).shape",
    "x.repeat_interleave(0,0).shape",
    "x.flip(0),x.flip(0,1),x.flip((-1,)),t.flip(x,dims=(0,)),t.flip(x,[0,1])",
    "x.flip(0,0)",
    "x.flip(2)",
    "s.flip(0)",
    "s.flip(())",
    "x.flip()",
    "v.fliplr()",
    "s.flipud()",
    "x.t().flip(0).stride()",
    "x.roll(1),x.roll(-2),x.roll((1,1),(0,1)),x.roll(1,-1),t.roll(x,shifts=(1,2),dims=(0,1)),t.roll(x,1,0)",
    "x.roll((1,2),0)",
    "x.roll(1,5)",
    "x.roll((1,2))",
    "s.roll(1)",
    "s.roll(1,0)",
    "x.roll(())",
    "x.roll((1,1),(0,0))",
    "x.rot90(),x.rot90(2),x.rot90(-1),x.rot90(0),x.rot90(5),x.rot90(1,(1,0)),t.rot90(x,k=1,dims=[0,1])",
    "x.rot90(1,(0,0))",
    "x.rot90(1,(0,2))",
    "x.rot90(1,(0,))",
    "v.rot90()",
    "x.rot90(1,(0,-2))",
    "x.t().flip(0), x.t().roll(1, 0), x.t().repeat(2, 1), x.t().rot90()",
    "x.flip(0), x.flip((0, 1)), t.flip(x, [1]), x.fliplr(), x.flipud()",
    "e.rot90(3, (2, 0)), x.rot90(2), x.rot90(-1)",
    "x.long().roll((1, 1), (0, 1)), (x > 0).flip(1), x.long().repeat(2, 1)",
)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.repeat_interleave(t.tensor([1, 2]), t.tensor([[2]])),
        lambda t: t.repeat_interleave(t.tensor([1, 2]), t.tensor([[1, 2]])),
        lambda t: t.repeat_interleave(t.tensor([1, 2]), t.tensor([1, 2, 3])),
    ],
)
@judged(raises="")
def test_numbers_of_copies_that_do_not_fit(t, f):
    f(t)


@judged
def test_one_number_of_copies_for_all(t):
    x = t.tensor(data(2, 3), requires_grad=True)
    made = t.repeat_interleave(x, t.tensor([2]), 1), t.repeat_interleave(x, t.tensor(3), 0)
    made += (t.repeat_interleave(x, t.tensor([1, 0, 2]), -1),)
    sum(part.sum() for part in made).backward()
    return made, x


@judged(raises="Dimension out of range .expected to be in range of .-1, 0., but got 1.")
def test_repeat_interleave_of_a_number_along_a_dimension(t):
    t.tensor(3).repeat_interleave(2, dim=0)
