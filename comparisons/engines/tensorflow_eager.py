"""TensorFlow today: eager operations, recorded by a GradientTape.

The graph is gone: operations run as they are written, and the tape notes those inside its `with`
block. The update stands outside it, which is TensorFlow's `no_grad`, and each step has a tape of
its own, so there is nothing to zero.
"""

from collections.abc import Iterator

import tensorflow as tf

from comparisons.contract import Step
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule


def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
    """Trains by a tape a step."""
    w, b = tf.Variable(start.w), tf.Variable(start.b)
    for rows in schedule.rows(problem.n):
        x, y = tf.constant(problem.x[rows]), tf.constant(problem.y[rows])
        with tf.GradientTape() as tape:
            prediction = w * x**2 + b
            loss = 0.5 * tf.reduce_sum((prediction - y) ** 2)
        dw, db = tape.gradient(loss, [w, b])
        w.assign_sub(schedule.lr * dw)
        b.assign_sub(schedule.lr * db)
        yield Step(loss.numpy(), w.numpy(), b.numpy(), dw.numpy(), db.numpy())
