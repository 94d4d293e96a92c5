"""Mistakes in the update rules of optimizers."""

from __future__ import annotations

from minigrad.testing.gallery.mistake import Edit, Mistake

OPTIMIZERS = (
    Mistake(
        name="momentum-of-one-step",
        question="What does momentum remember?",
        what="remembers the last gradient for momentum, and not the last velocity",
        why="""\
Written as "add a part of the previous gradient" it forgets after one step. Momentum is a
velocity: a sum of *all* gradients so far, each weighted by how long ago it was, momentum^k.""",
        edits=(
            Edit(
                "optim.sgd:SGD.update",
                'grad = added(grad, b, momentum) if group["nesterov"] else b',
                "grad, b[...] = b.copy(), grad",
            ),
        ),
        program="""\
x = torch.tensor(0.0, requires_grad=True); sgd = torch.optim.SGD([x], lr=1.0, momentum=0.5)
for _ in range(4): x.grad = torch.tensor(1.0); sgd.step()
x""",
        tests=("tests/optim/test_steps.py::test_a_hundred_steps[float32-SGD-options1]",),
        words=("!z = torch.optim.SGD([a], lr=0.5, momentum=0.5)", "!z.step(); z.step(); z.step()"),
    ),
    Mistake(
        name="momentum-as-average",
        question="Is momentum a running average?",
        what="weights each new gradient by 1 - momentum, as an average would",
        why="""\
Both are found in books, and differ by a factor in the learning rate: torch's SGD adds the
gradient in full, so that with momentum 0.9 steps grow ten times as long; Adam's first moment is
an average.""",
        edits=(
            Edit(
                "optim.sgd:SGD.update",
                'add(b, grad, 1 - group["dampening"])',
                "add(b, grad, 1 - momentum)",
            ),
        ),
        program="""\
x = torch.tensor(0.0, requires_grad=True); sgd = torch.optim.SGD([x], lr=1.0, momentum=0.5)
for _ in range(2): x.grad = torch.tensor(1.0); sgd.step()
x""",
        tests=("tests/optim/test_steps.py::test_a_hundred_steps[float32-SGD-options1]",),
        words=("!z = torch.optim.SGD([a], lr=0.5, momentum=0.25)", "!z.step(); z.step()"),
    ),
    Mistake(
        name="growing-weights",
        question="What is the sign of weight decay?",
        what="subtracts the weight decay from the gradient",
        why="""\
The penalty wd/2 |x|^2 has the gradient wd x, which is *added* to that of the loss; the step,
which goes against the gradient, then makes weights smaller. Two minus signs are easily made
one.""",
        edits=(
            Edit(
                "optim.rule:decayed",
                "return added(grad, param, number(weight_decay))",
                "return added(grad, param, -number(weight_decay))",
            ),
        ),
        program="""\
x = torch.tensor(1.0, requires_grad=True); sgd = torch.optim.SGD([x], lr=0.5, weight_decay=0.5)
x.grad = torch.tensor(0.0); sgd.step()
x""",
        tests=("tests/optim/test_steps.py::test_a_hundred_steps[float32-SGD-options3]",),
        words=("!z = torch.optim.SGD([a], lr=0.5, weight_decay=0.5)", "!z.step()"),
    ),
    Mistake(
        name="no-bias-correction",
        question="Why does Adam divide by 1 - beta^t?",
        what="leaves out Adam's corrections for averages that start from zero",
        why="""\
After one step the averages are 0.1 g and 0.001 g^2: too small, and not by the same factor.
Their ratio is 0.1 / 0.0316, so without the corrections the first step is three times as long as
asked for.""",
        edits=(
            Edit(
                "optim.adam:Adam.update",
                "scale /= float((1 - beta2**t) ** 0.5)",
                "scale /= 1.0",
                also=(("-(lr / (1 - beta1**t))", "-lr"),),
            ),
        ),
        program="""\
x = torch.tensor(1.0, requires_grad=True); adam = torch.optim.Adam([x], lr=0.25)
x.grad = torch.tensor(1.0); adam.step()
x""",
        tests=("tests/optim/test_steps.py::test_a_hundred_steps[float32-Adam-options5]",),
        words=("!z = torch.optim.Adam([a], lr=0.5)", "!z.step()"),
    ),
)
