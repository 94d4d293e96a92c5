"""Mistakes in the derivatives of what rearranges, reduces or multiplies arrays."""

from __future__ import annotations

from minigrad.testing.gallery.mistake import Edit, Mistake

ARRAYS = (
    Mistake(
        name="permuted-again",
        question="What undoes a permutation?",
        what="permutes the cotangent as it had permuted the input, and not back",
        why="""\
A transposition undoes itself, so with two axes the test passes. With three, `(1, 2, 0)` is
undone by `(2, 0, 1)`: the inverse permutation.""",
        edits=(
            Edit(
                "ops.shape:_permute",
                "x=lambda g, dims: np.transpose(g, inverse(dims)),",
                "x=lambda g, dims: np.transpose(g, dims),",
            ),
        ),
        program="""\
x = torch.zeros(2, 2, 2, requires_grad=True)
(x.permute(1, 2, 0) * torch.arange(8.0).view(2, 2, 2)).sum().backward()
x.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[shape._permute]",),
        words=("a.permute(1, 2, 0)", "(a * torch.arange(4.0).view(2, 2)).sum()"),
        shapes=((1, 1, 1), (1, 1, 2), (1, 2, 2), (2, 2, 2)),
    ),
    Mistake(
        name="transpose-not-undone",
        question="What is the derivative of a transpose?",
        what="hands the cotangent of a transpose on untransposed",
        why="""\
A transpose computes nothing, so its derivative seems to be nothing as well. But the cotangent
has the shape of the output; with a square matrix nobody notices.""",
        edits=(
            Edit(
                "ops.shape:_t",
                "x=lambda g: g.T",
                "x=lambda g: g",
            ),
        ),
        program="""\
x = torch.zeros(2, 2, requires_grad=True)
(x.t() * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
x.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[shape._t]",),
        words=("a.t()",),
        shapes=((1, 1), (1, 2), (2, 2)),
    ),
    Mistake(
        name="sum-laid-out-wrong",
        question="What does keepdim have to do with gradients?",
        what="broadcasts the cotangent of `sum(dim)` without putting the summed axis back",
        why="""\
The cotangent of a row sum is a column: every element of the row gets the same. Broadcast as it
is, a vector is a row, and each element gets that of its column. Square matrices hide it.""",
        edits=(
            Edit(
                "ops.arithmetic:sum_dims",
                "x=lambda g, x_shape, dims: expand(g.reshape(kept_shape(x_shape, dims)), x_shape),",
                "x=lambda g, x_shape: expand(g, x_shape),",
            ),
        ),
        program="""\
x = torch.zeros(2, 2, requires_grad=True)
(x.sum(1) * torch.tensor([1.0, 2.0])).sum().backward()
x.grad""",
        tests=(
            "tests/autograd/test_primitive.py::test_gradcheck[arithmetic.sum_dims]",
            "tests/ops/test_reduction.py::test_sum_and_mean[sum-1-False]",
        ),
        words=("a.sum(-1)", "a.sum(0)"),
    ),
    Mistake(
        name="mean-without-its-n",
        question="Where does the 1/N come from?",
        what="gives `mean` the derivative of `sum`",
        why="""\
Each element is 1/N of the mean. Without that the gradient grows with the batch, and a learning
rate that was found with 32 samples diverges with 256.""",
        edits=(
            Edit(
                "ops.reduction:_mean_all",
                "x=lambda g, x_shape: expand(g / (count(x_shape) or 1), x_shape),",
                "x=lambda g, x_shape: expand(g, x_shape),",
            ),
        ),
        program="""\
x = torch.zeros(4, requires_grad=True)
x.mean().backward()
x.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[reduction._mean_all]",),
        words=("a.mean()",),
    ),
    Mistake(
        name="ties-counted-twice",
        question="Who gets the gradient of the largest element?",
        what="gives every one of several largest elements the whole gradient of `amax`",
        why="""\
`g * (x == x.max())` is short, and right where there is one largest element. With k of them the
parts sum to k. Ties are the rule with integers, masks and what relu made 0.""",
        edits=(
            Edit(
                "ops.reduction:spread_along",
                "share = g.reshape(kept_shape(x.shape, dims)) / count_ties(x, extreme, dims, nans)",
                "share = g.reshape(kept_shape(x.shape, dims))",
            ),
        ),
        program="""\
x = torch.tensor([3.0, 3.0, 1.0], requires_grad=True)
x.amax().backward()
x.grad""",
        tests=("tests/ops/test_ties.py::test_reductions[amax-two largest]",),
        words=("a.amax()", "a.amax(-1)"),
    ),
    Mistake(
        name="product-divided",
        question="What is the derivative of a product that is 0?",
        what="divides the product by each factor to get the product of the others",
        why="""\
It is the shortest formula, and 0 / 0 where a factor is 0: NaN, where the others' product is a
number like any. minigrad multiplies cumulative products from both sides.""",
        edits=(
            Edit(
                "ops.scans:_prod_all",
                "x=lambda g, x, out: prod_all_rule(g, x, out),",
                "x=lambda g, x, out: g * (out / x),",
            ),
        ),
        program="""\
x = torch.tensor([0.0, 2.0, 3.0], requires_grad=True)
x.prod().backward()
x.grad""",
        tests=("tests/ops/test_ties.py::test_products_with_zeros_twice",),
        words=("a.prod()",),
    ),
    Mistake(
        name="cumsum-forward",
        question="Which way does the gradient of a running sum run?",
        what="sums the cotangents of `cumsum` from the front",
        why="""\
An element is in its own running sum and in all that come *after*, so it gets the sum of their
cotangents: a running sum from the back. In general: transpose the Jacobian.""",
        edits=(
            Edit(
                "ops.scans:_cumsum",
                "x=lambda g, dim, reverse: _cumsum(g, dim, not reverse),",
                "x=lambda g, dim, reverse: _cumsum(g, dim, reverse),",
            ),
        ),
        program="""\
x = torch.zeros(3, requires_grad=True)
x.cumsum(0).sum().backward()
x.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[scans._cumsum]",),
        words=("a.cumsum(-1)",),
    ),
    Mistake(
        name="last-index-wins",
        question="What if an index comes twice?",
        what="writes the cotangents of `x[i]` to their places, in place of adding them there",
        why="""\
`grad[i] = g` is the mirror image of `x[i]`, and numpy's `grad[i] += g` does the same: of an
index that comes twice, the last one wins. It takes `np.add.at`. In an embedding, every common
word comes twice.""",
        edits=(Edit("ops.indexing:_add_at", "add_into(out, part, index)", "out[index] = part"),),
        program="""\
x = torch.zeros(3, requires_grad=True)
x[torch.tensor([0, 0, 2])].sum().backward()
x.grad""",
        tests=("tests/ops/test_indexing.py::test_repeated_indices_accumulate_by_hand",),
        words=("a[torch.tensor([0, 0])]",),
        shapes=((1,), (2,), (1, 2)),
    ),
    Mistake(
        name="factors-swapped",
        question="In which order does one multiply matrices backward?",
        what="multiplies the cotangent of `a @ b` by the transpose of b from the left",
        why="""\
With numbers the order does not matter, and the formula is remembered as "g times the other
one". With matrices it is `g @ b.T` for a, and `a.T @ g` for b; the shapes decide, unless all
are square.""",
        edits=(
            Edit(
                "ops.arithmetic:mm",
                "a=lambda g, b: mm(g, b.T),",
                "a=lambda g, b: mm(b.T, g),",
            ),
        ),
        program="""\
a, b = torch.eye(2, requires_grad=True), torch.tensor([[1.0, 2.0], [3.0, 4.0]])
((a @ b) * b).sum().backward()
a.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[arithmetic.mm]",),
        words=("a @ b",),
        shapes=((1, 1), (2, 2), (1, 2), (2, 1)),
    ),
    Mistake(
        name="factor-not-transposed",
        question="Why transpose, in the derivative of a matrix product?",
        what="forgets to transpose the other factor of a matrix product",
        why="""\
The product sums over k in `a[i, k] b[k, j]`; the cotangent of `a[i, k]` sums over j in `g[i, j]
b[k, j]`, and as a matrix product that needs the transpose. With symmetric matrices nobody
notices.""",
        edits=(
            Edit(
                "ops.arithmetic:mm",
                "b=lambda g, a: mm(a.T, g),",
                "b=lambda g, a: mm(a, g),",
            ),
        ),
        program="""\
a, b = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.eye(2, requires_grad=True)
(a @ b).sum().backward()
b.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[arithmetic.mm]",),
        words=("a @ b",),
        shapes=((1, 1), (2, 2), (1, 2), (2, 1)),
    ),
)
