"""One regression, trained by many engines under one contract, and the proof that they agree.

In reading order:

- `problem.py`, `schedule.py`: what is learned, and how fast, in which order of samples;
- `contract.py`: what an engine is, and the trajectory it returns;
- `engines/`: one file an engine, to be laid side by side;
- `agreement.py`: how far apart two trajectories may be, derived from the rounding of their sums;
- `compare.py`, `timing.py`, `lines.py`: running them all, and measuring them;
- `report.py`, `plots.py`: the table, the page and the pictures;
- `article.py`: the article's own three listings, published against reproduced;
- `descent.py`: batch, stochastic and mini-batch descent, measured;
- `cli.py`: the command line, `python -m comparisons [article | descent]`.

The heavy packages (torch, TensorFlow, matplotlib) are imported only where they are used, and only
when they are.
"""
