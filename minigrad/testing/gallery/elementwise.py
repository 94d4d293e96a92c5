"""Mistakes in the derivatives of elementwise functions: at kinks, and at the wrong argument."""

from __future__ import annotations

from minigrad.testing.gallery.mistake import Edit, Mistake

KINKS = ((1,), (2,), ())

ELEMENTWISE = (
    Mistake(
        name="relu-one-at-zero",
        question="What is the derivative of relu at 0?",
        what="has 1 for the derivative of relu at 0",
        why="""\
`x >= 0` for `x > 0`. At a kink every number between the slopes on both sides is defensible, but
a framework has to settle on one, and torch's is 0. Zeros are not rare: a dead unit sits at one.""",
        edits=(
            Edit(
                "ops.bounds:_relu",
                "x=lambda g, out: gate(g, out)",
                "x=lambda g, x: np.where(x >= 0, g, 0.0)",
            ),
        ),
        program="""\
x = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
torch.relu(x).sum().backward()
x.grad""",
        tests=("tests/ops/test_kinks.py::test_one_operand[relu-float32]",),
        words=("torch.relu(a)",),
        shapes=KINKS,
    ),
    Mistake(
        name="relu-half-at-zero",
        question="Is a half not fairer?",
        what="has 1/2 for the derivative of relu at 0, the mean of both slopes",
        why="""\
It is what central differences answer at 0, and what `heaviside(x, 0.5)` computes: as defensible
as 0, and another program. Whoever compares two engines at 0 has to know their conventions.""",
        edits=(
            Edit(
                "ops.bounds:_relu",
                "x=lambda g, out: gate(g, out)",
                "x=lambda g, x: g * (np.sign(x) + 1) / 2",
            ),
        ),
        program="""\
x = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
torch.relu(x).sum().backward()
x.grad""",
        tests=("tests/ops/test_kinks.py::test_one_operand[relu-float32]",),
        words=("torch.relu(a)",),
        shapes=KINKS,
    ),
    Mistake(
        name="abs-one-at-zero",
        question="What is the derivative of |x| at 0?",
        what="has 1 for the derivative of the absolute value at 0",
        why="""\
A sign of two values, `1 if x >= 0 else -1`. torch's sign has three, and |x|' = sign(x) is 0 at
0: so an L1 penalty leaves a weight of 0 where it is.""",
        edits=(
            Edit(
                "ops.signs:_abs",
                "x=lambda g, x: g * _sgn(x)",
                "x=lambda g, x: np.where(x >= 0, g, -g)",
            ),
        ),
        program="""\
x = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
x.abs().sum().backward()
x.grad""",
        tests=("tests/ops/test_kinks.py::test_one_operand[abs-float32]",),
        words=("a.abs()",),
        shapes=KINKS,
    ),
    Mistake(
        name="clamp-without-its-bounds",
        question="What is the derivative of clamp at a bound?",
        what="has 0 for the derivative of clamp at the bounds themselves",
        why="""\
`low < x < high` for `low <= x <= high`. In torch the bounds count as inside; otherwise a
parameter that was clamped to a bound could never leave it again.""",
        edits=(
            Edit(
                "ops.bounds:within",
                "return x >= low if high is None else (x >= low) & (x <= high)",
                "return x > low if high is None else (x > low) & (x < high)",
            ),
        ),
        program="""\
x = torch.tensor([-1.0, 0.0, 0.5, 1.0], requires_grad=True)
x.clamp(0, 1).sum().backward()
x.grad""",
        tests=("tests/ops/test_bounds.py::test_clamp_by_numbers[0-0]",),
        words=("a.clamp(0, 1)",),
        shapes=KINKS,
    ),
    Mistake(
        name="maximum-to-both",
        question="Who gets the gradient of a tie?",
        what="gives both operands of `maximum` the whole gradient where they are equal",
        why="""\
Each rule for itself asks "am I the larger one, or equal?", and both say yes. Then the maximum
of `x` and `x`, which is `x`, has slope 2. The parts must sum to 1: torch gives each a half.""",
        edits=(
            Edit(
                "ops.bounds:_maximum",
                "a=lambda g, a, b: np.where(a == b, g / 2, np.where(a < b, 0.0, g)),\n"
                "    b=lambda g, a, b: np.where(a == b, g / 2, np.where(a > b, 0.0, g)),",
                "a=lambda g, a, b: np.where(a >= b, g, 0.0),\n"
                "    b=lambda g, a, b: np.where(b >= a, g, 0.0),",
            ),
        ),
        program="""\
x = torch.tensor([1.0, 2.0], requires_grad=True)
torch.maximum(x, x).sum().backward()
x.grad""",
        tests=("tests/ops/test_bounds.py::test_maximum_minimum_share_ties[maximum]",),
        words=("torch.maximum(a, b)",),
        shapes=KINKS,
    ),
    Mistake(
        name="where-times-mask",
        question="Where does this NaN come from?",
        what="multiplies the cotangent by the mask of `where`, in place of choosing",
        why="""\
`g * mask` looks the same, and is, until `g` is infinite or NaN: 0 times infinity is NaN, and
the operand that was not even chosen gets it.""",
        edits=(
            Edit(
                "ops.choice:_where",
                "a=lambda g, condition: np.where(condition, g, 0.0),\n"
                "    b=lambda g, condition: np.where(condition, 0.0, g),",
                "a=lambda g, condition: g * condition,\n"
                "    b=lambda g, condition: g * (1 - condition),",
            ),
        ),
        program="""\
x, y = torch.zeros(1, requires_grad=True), torch.ones(1, requires_grad=True)
torch.where(x == 0, x, y).sqrt().sum().backward()
y.grad""",
        tests=("tests/ops/test_choice.py::test_where_masks_an_infinite_cotangent_exactly",),
        words=("torch.where(a == 0, a, b).sqrt()",),
        shapes=KINKS,
    ),
    Mistake(
        name="sigmoid-of-the-input",
        question="Is it the input or the output that the formula wants?",
        what="puts the input into `s * (1 - s)`, where the output belongs",
        why="""\
The derivative of the sigmoid is written in terms of its value, `s * (1 - s)`; what is at hand
in the rule, under a short name, is `x`. The same happens to tanh and exp.""",
        edits=(
            Edit(
                "ops.elementwise:_sigmoid",
                "x=lambda g, out: g * ((1 - out) * out)",
                "x=lambda g, x: g * ((1 - x) * x)",
            ),
        ),
        program="""\
x = torch.tensor([0.0, 1.0], requires_grad=True)
torch.sigmoid(x).sum().backward()
x.grad""",
        tests=(
            "tests/autograd/test_primitive.py::test_gradcheck[elementwise._sigmoid]",
            "tests/ops/test_kinks.py::test_one_operand[sigmoid-float32]",
        ),
        words=("a.sigmoid()",),
    ),
    Mistake(
        name="tanh-without-the-square",
        question="Which derivatives are most often mistyped?",
        what="has `1 - y` for `1 - y**2` in the derivative of tanh",
        why="""\
It agrees at 0, where one looks first. A check against finite differences at any other point
would have found it: that is what `gradcheck` is for.""",
        edits=(
            Edit(
                "ops.trigonometry:_tanh",
                "x=lambda g, out: g * (1 - out * out)",
                "x=lambda g, out: g * (1 - out)",
            ),
        ),
        program="""\
x = torch.tensor([0.0, 1.0], requires_grad=True)
torch.tanh(x).sum().backward()
x.grad""",
        tests=(
            "tests/autograd/test_primitive.py::test_gradcheck[trigonometry._tanh]",
            "tests/ops/test_kinks.py::test_one_operand[tanh-float32]",
        ),
        words=("a.tanh()",),
    ),
    Mistake(
        name="quotient-without-minus",
        question="What is the sign of the quotient rule?",
        what="forgets the minus sign of the derivative by the denominator",
        why="""\
The derivative of a / b by b is -a / b^2. A gradient of the wrong sign climbs where it should
descend, and a small learning rate makes that look like noise for a while.""",
        edits=(
            Edit(
                "ops.arithmetic:div",
                "b=lambda g, a, b: -g * (np.true_divide(a, b) / b),",
                "b=lambda g, a, b: g * (np.true_divide(a, b) / b),",
            ),
        ),
        program="""\
b = torch.tensor(2.0, requires_grad=True)
(torch.tensor(1.0) / b).backward()
b.grad""",
        tests=(
            "tests/autograd/test_primitive.py::test_gradcheck[arithmetic.div]",
            "tests/ops/test_arithmetic.py::test_products_and_quotients_by_hand",
        ),
        words=("a / b",),
    ),
    Mistake(
        name="power-without-less-one",
        question="What happens to the exponent?",
        what="leaves the exponent as it is: the derivative of x^n is n x^n",
        why="""\
Half of the power rule. It is right at x = 1, which is what ones() is full of: tests should not
be made of ones and zeros.""",
        edits=(
            Edit(
                "ops.arithmetic:_power_rule",
                "return g * (exponent * pow_number(x, exponent - 1))",
                "return g * (exponent * pow_number(x, exponent))",
            ),
        ),
        program="""\
x = torch.tensor([1.0, 2.0], requires_grad=True)
(x**3).sum().backward()
x.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[arithmetic.pow_number]",),
        words=("a ** 3",),
    ),
)
