"""Tools around a model: scripting, tracing, profiling, timing."""

import torch
import torch.nn as nn
import torch.utils.benchmark as benchmark
from torch.profiler import ProfilerActivity, profile, record_function

torch.manual_seed(0)
x = torch.randn(4, 8)
model = nn.Sequential(nn.Linear(8, 4), nn.ReLU())
with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as prof:
    with record_function("inference"):
        print(model(x).shape)
with torch.autograd.profiler.record_function("again"):
    print(model(x).sum())


class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x, h):
        new_h = torch.tanh(self.linear(x) + h)
        return new_h, new_h


cell, a, h = Cell(), torch.rand(3, 4), torch.rand(3, 4)
for made in (torch.jit.trace(cell, (a, h)), torch.jit.script(cell)):
    print(torch.allclose(made(a, h)[0], cell(a, h)[0]), made.linear.weight.shape)
print(torch.jit.is_scripting())
timer = benchmark.Timer(stmt="model(x)", globals={"model": model, "x": x}, num_threads=1)
measured = timer.timeit(5)
print(measured.mean > 0, measured.median > 0, measured.number_per_run, len(measured.times))
