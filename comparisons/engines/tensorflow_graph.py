"""TensorFlow's static graph: declare the whole computation first, then feed it.

Nothing is computed while the graph is written: x and y are placeholders, the gradients and the
assignments are more nodes of it. A session then runs the nodes it is asked for, on the samples it
is fed. The graph computes from its placeholders; a graph that names the arrays instead would run
just as well, on the wrong samples, and nobody would notice.
"""

from collections.abc import Iterator
from contextlib import closing

import tensorflow as tf

from comparisons.contract import Step
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule


def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
    """Trains by running a graph once a step."""
    v1 = tf.compat.v1
    graph = tf.Graph()
    with graph.as_default():
        x = v1.placeholder(problem.dtype, shape=(None, 1))
        y = v1.placeholder(problem.dtype, shape=(None, 1))
        w = v1.Variable(start.w)
        b = v1.Variable(start.b)
        prediction = w * x**2 + b
        loss = 0.5 * tf.reduce_sum((prediction - y) ** 2)
        dw, db = tf.gradients(loss, [w, b])
        new_w = v1.assign(w, w - schedule.lr * dw)
        new_b = v1.assign(b, b - schedule.lr * db)
        initialize = v1.global_variables_initializer()
    # Entering the session itself would make its graph everybody's default between two steps.
    with closing(v1.Session(graph=graph)) as session:
        session.run(initialize)
        for rows in schedule.rows(problem.n):
            values = session.run(
                [loss, new_w, new_b, dw, db], feed_dict={x: problem.x[rows], y: problem.y[rows]}
            )
            yield Step(*values)
