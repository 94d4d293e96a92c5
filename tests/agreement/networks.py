"""Random networks, trained for a few steps: minigrad and torch must print the same numbers.

A network is a program as text, with ``T`` for the library: layers that fit one another, a loss, an
optimizer, perhaps a scheduler. Both libraries run it from one seed, and have to agree in what is
drawn, in the loss of each step, the learning rates, the state of the network, and its text.

``python -m tests.agreement.networks --programs 500 --seed 0`` runs them by the number, and prints
each that differs.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from typing import Any

import numpy as np
import torch

import minigrad
from tests.agreement.choices import Choices
from tests.judge import plain_text

STEPS = 4
CLOSE = {"float32": 1e-2, "float64": 1e-7}  # relative to the largest element, after all the steps
DIVERGED = 1e3  # a loss behind which there is only rounding

ACTIVATIONS = """
ReLU() | ReLU(inplace=True) | Tanh() | Sigmoid() | GELU() | GELU('tanh') | SiLU() | Mish()
| ELU(0.7) | SELU() | CELU(2.0) | LeakyReLU(0.1) | Softplus() | Softsign() | Hardswish()
| Hardtanh() | PReLU() | PReLU({c}) | LogSigmoid() | Softmax(dim=1) | LogSoftmax(dim=-1)
| Softmin(dim=-1) | ReLU6() | Hardsigmoid() | Tanhshrink() | Softshrink() | Hardshrink()
| Threshold(0.1, 0.0) | RReLU() | GLU(1) | Dropout(0.3) | AlphaDropout(0.2) | Identity()
"""
# By the number of dimensions that go in. {c} is the size of dim 1, {w} that of the last one; {n} is
# any small number, {s} 1 or 2, {p} 0 to 2, {?} a bool, {m} a mode of padding, {g} so many groups.
LAYERS = {
    2: """
Linear({w}, {n}, bias={?}) | Linear({w}, {n}) | LayerNorm({w}, elementwise_affine={?})
| RMSNorm({w}) | GroupNorm({g}, {c}) | Unflatten(1, (1, {w}))
| BatchNorm1d({c}, affine={?}, track_running_stats={?}) | BatchNorm1d({c}, momentum=None)
""",
    3: """
Conv1d({c}, {n}, {n}, stride={s}, padding={p}, dilation={s}, bias={?}, padding_mode={m})
| ConvTranspose1d({c}, {n}, {n}, stride={s}, padding={p}) | BatchNorm1d({c}) | Linear({w}, {n})
| InstanceNorm1d({c}, affine={?}, track_running_stats={?}) | MaxPool1d({n}, {s}, ceil_mode={?})
| AvgPool1d({n}, {s}, ceil_mode={?}, count_include_pad={?}) | LPPool1d(2, {n})
| AdaptiveAvgPool1d({n}) | AdaptiveMaxPool1d({n}) | LayerNorm({w}) | ReflectionPad1d({p})
| Upsample(scale_factor=2, mode='linear') | Dropout1d(0.3) | Flatten()
| RNN({w}, {n}, {s}, batch_first={?}, bidirectional={?}, nonlinearity='relu') | LSTM({w}, {n}, {s})
| LSTM({w}, 3, proj_size=2, batch_first=True, bidirectional={?}) | GRU({w}, {n}, bias={?})
| TransformerEncoderLayer({w}, {s}, {n}, dropout=0.1, batch_first={?}, norm_first={?})
""",
    4: """
Conv2d({c}, {n}, {n}, stride={s}, padding={p}, dilation={s}, bias={?}, padding_mode={m})
| Conv2d({c}, {c}, {n}, groups={c}) | Conv2d({c}, {n}, {n}, padding='same') | BatchNorm2d({c})
| ConvTranspose2d({c}, {n}, {n}, stride={s}, padding={p}) | GroupNorm({g}, {c})
| InstanceNorm2d({c}, affine={?}) | MaxPool2d({n}, {s}, ceil_mode={?}) | LocalResponseNorm(2)
| MaxPool2d(3, {s}, padding=1, dilation={s}) | AvgPool2d({n}, {s}, padding={p}, ceil_mode={?})
| AdaptiveAvgPool2d({n}) | AdaptiveMaxPool2d(({n}, None)) | Upsample(scale_factor=2)
| Upsample(scale_factor=2, mode='bilinear') | PixelUnshuffle(2) | Dropout2d(0.3) | ZeroPad2d({p})
| ReplicationPad2d({p}) | CircularPad2d({p}) | Flatten(2) | Flatten()
""",
}
MODES = ("zeros", "reflect", "replicate", "circular")
LOSSES = """
CrossEntropyLoss()(out, label) | CrossEntropyLoss(label_smoothing=0.1)(out, label)
| CrossEntropyLoss(ignore_index=0)(out, label) | MSELoss()(out, target) | L1Loss()(out, target)
| SmoothL1Loss(beta=0.5)(out, target) | HuberLoss()(out, target) | SoftMarginLoss()(out, sign)
| BCEWithLogitsLoss()(out, target) | MultiMarginLoss()(out, label) | PoissonNLLLoss()(out, target)
| NLLLoss()(out.log_softmax(1), label) | GaussianNLLLoss()(out, target, out.exp() + 0.1)
| KLDivLoss(reduction='batchmean')(out.log_softmax(1), target.softmax(1))
| CosineEmbeddingLoss()(out, target, sign[:, 0])
"""
# Behind a normalization, gradients are what rounding has left of 0: eps keeps that small.
OPTIMIZERS = """
SGD(p, lr=0.1) | SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1) | ASGD(p)
| SGD(p, lr=0.05, momentum=0.5, dampening=0.3, maximize=True) | Adam(p, lr=0.01, eps=0.1)
| AdamW(p, lr=0.01, eps=0.1, amsgrad=True) | RMSprop(p, lr=0.01, eps=0.1, momentum=0.5)
| Adagrad(p, lr=0.05, eps=0.1) | NAdam(p, eps=0.1) | RAdam(p, eps=0.1) | Adamax(p, eps=0.1)
| Adadelta(p, eps=0.1)
"""
SCHEDULERS = """
StepLR(optimizer, 2, 0.5) | ExponentialLR(optimizer, 0.9) | CosineAnnealingLR(optimizer, 4)
| LambdaLR(optimizer, lambda n: 1 / (1 + n)) | LinearLR(optimizer) | PolynomialLR(optimizer, 5)
| CosineAnnealingWarmRestarts(optimizer, 2) | MultiStepLR(optimizer, [1, 3])
| ConstantLR(optimizer, 0.5, 2)
"""

PROGRAM = """
class First(T.nn.Module):  # of what a recurrent layer gives
    def forward(self, x):
        return x[0]

T.set_default_dtype(T.{dtype})
T.manual_seed({seed})
net = T.nn.Sequential(
    {layers},
)
x = {input}
label, target = T.randint(0, {classes}, ({batch},)), T.rand({batch}, {classes})
sign = (target > 0.5).to(target.dtype) * 2 - 1
p = list(net.parameters())
optimizer = T.optim.{optimizer}
{scheduler}
for _ in range({steps}):
    optimizer.zero_grad()
    out = net(x)
    loss = T.nn.{loss}
    loss.backward()
    {clip}
    optimizer.step()
    {schedule}
    print(loss.item(), optimizer.param_groups[0]["lr"])
net.eval()
with T.no_grad():
    print(net(x))
print(T.rand(1))
print(net)
"""


# A few roundings, which move the result of an ill-conditioned network as far as its own do: at the
# start, and behind each layer, where a constant may have taken the place of what was there.
NUDGE = """
def rounded(layer, inputs, out):
    if isinstance(out, T.Tensor) and out.is_floating_point():
        turned = {turn} * T.arange(1.0, 1 + out.numel(), dtype=out.dtype)
        return out * (1 + 4 * T.finfo(out.dtype).eps * turned.cos().view(out.shape))
for layer in net.children():
    layer.register_forward_hook(rounded)
with T.no_grad():
    for q in [x, *p] if x.is_floating_point() else p:
        turned = {turn} * T.arange(1.0, 1 + q.numel())
        q += 4 * T.finfo(q.dtype).eps * q * turned.cos().view(q.shape)
"""


def parted(text: str) -> list[str]:
    return [option.strip() for option in text.replace("\n", " ").split(" | ")]


class Settings(dict[str, Any]):
    """What stands for the fields of a layer's text, chosen anew each time."""

    def __init__(self, choices: Choices, shape: tuple[int, ...]) -> None:
        super().__init__(c=shape[1], w=shape[-1])
        self.choices = choices

    def __missing__(self, key: str) -> Any:
        pick = self.choices.pick
        options = {"n": (1, 2, 3), "s": (1, 2), "p": (0, 1, 2), "?": (True, False), "m": MODES}
        if key == "g":
            return pick([n for n in range(1, max(self["c"], 2)) if self["c"] % n == 0])
        return repr(pick(options[key]))


def layers(choices: Choices, x: Any) -> tuple[list[str], Any]:
    """Layers that fit the input and one another, and what they make of it by torch."""
    chosen: list[str] = []
    for _ in range(choices.number(1, 5)):
        options = ACTIVATIONS if choices.chance(30) else LAYERS[x.ndim]
        text = choices.pick(parted(options)).format_map(Settings(choices, tuple(x.shape)))
        try:
            out = eval(f"torch.nn.{text}")(x)
        except (RuntimeError, ValueError, IndexError, AssertionError):
            continue  # it does not fit
        recurrent = isinstance(out, tuple)
        out = out[0] if recurrent else out
        if "Norm" in text and out.abs().max() < 1e-3:
            continue  # of single elements, of which it leaves what rounding has left
        if 1 <= out[0].numel() <= 500 and out.shape[0] == x.shape[0] and out.ndim in LAYERS:
            chosen += [f"T.nn.{text}"] + ["First()"] * recurrent
            x = out.detach()
    return chosen, x


def program(seed: int) -> str:
    """The text of a network and its training."""
    choices = Choices(seed)
    batch, classes = choices.number(2, 5), choices.number(2, 4)
    sizes = [choices.number(1, 6 if i == 0 else 8) for i in range(choices.number(1, 3))]
    with torch.random.fork_rng():
        if choices.chance(15):
            words = choices.number(2, 9)
            given = f"T.randint(0, {words}, ({batch}, {sizes[0]}))"
            extra = choices.pick(["", ", padding_idx=0", ", max_norm=1.0"])
            first = [f"T.nn.Embedding({words}, {sizes[-1]}{extra})"]
            out = torch.ones(batch, sizes[0], sizes[-1])
        else:
            given, first = f"T.randn({batch}, {', '.join(map(str, sizes))})", []
            out = torch.randn(batch, *sizes)
        chosen, out = layers(choices, out)
    if out.ndim > 2:
        chosen.append("T.nn.Flatten()")
    last = f"T.nn.Linear({out[0].numel()}, {classes})"
    scheduler = choices.pick(parted(SCHEDULERS)) if choices.chance(60) else ""
    return PROGRAM.format(
        seed=seed,
        dtype="float32" if choices.chance(40) else "float64",
        layers=",\n    ".join([*first, *chosen, last]),
        input=given,
        batch=batch,
        classes=classes,
        steps=STEPS,
        loss=choices.pick(parted(LOSSES)),
        optimizer=choices.pick(parted(OPTIMIZERS)),
        scheduler=f"scheduler = T.optim.lr_scheduler.{scheduler}" if scheduler else "",
        schedule="scheduler.step()" if scheduler else "",
        clip="T.nn.utils.clip_grad_norm_(p, 0.5)" if choices.chance(20) else "",
    )


def run(text: str, T: Any) -> list[Any]:
    """What a program prints, and the network's state at the end; or its exception."""
    said: list[Any] = []
    names = {"T": T, "print": lambda *values: said.extend(values)}
    before = T.get_default_dtype()
    try:
        exec(text, names)
        said += [value for item in sorted(names["net"].state_dict().items()) for value in item]
    except Exception as error:
        said.append(error)
    finally:
        T.set_default_dtype(before)
    return said


def same(a: Any, b: Any, part: float) -> bool:
    """Whether minigrad's ``a`` is torch's ``b``, up to rounding."""
    if isinstance(a, Exception) or isinstance(b, Exception):
        return type(a).__name__ == type(b).__name__
    if isinstance(b, torch.nn.Module):
        return plain_text(str(a)) == plain_text(str(b))
    if isinstance(b, str):
        return bool(a == b)
    tensors = isinstance(a, minigrad.Tensor) and isinstance(b, torch.Tensor)
    if tensors and plain_text(a.dtype) != plain_text(b.dtype):
        return False
    return same_numbers(a, b, part)


def same_numbers(a: Any, b: Any, part: float) -> bool:
    """Whether tensors or numbers are the same, up to rounding; what is neither counts as such."""
    if isinstance(b, torch.nn.Module | str | Exception):
        return True
    if isinstance(b, torch.Tensor):
        a, b = a.detach().numpy(), b.detach().numpy()
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    usual = np.isfinite(b)
    if a.shape != b.shape or not np.array_equal(np.where(usual, 0, a), np.where(usual, 0, b), True):
        return False
    gap, largest = np.abs(a - b)[usual].max(initial=0), np.abs(b)[usual].max(initial=0)
    return bool(gap <= part * (largest + 1e-2))


def differs(seed: int) -> str | None:
    """The program of a seed and what differs first; None if nothing does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = program(seed)
        theirs, ours = run(text, torch), run(text, minigrad)
    # torch's hardsigmoid has a slope of single precision in either.
    part = CLOSE["float32" if "T.float32" in text or "Hardsigmoid" in text else "float64"]
    for i, (a, b) in enumerate(zip(ours, theirs, strict=False)):
        if isinstance(b, float) and abs(b) > DIVERGED:
            return None
        if not same(a, b, part):
            if ill_conditioned(text, i, theirs, part):
                return None
            return f"# seed {seed}: {i} of what is printed: minigrad {a!r}, torch {b!r}\n{text}"
    return None if len(ours) == len(theirs) else f"# seed {seed}: {ours[-1]!r}\n{text}"


def ill_conditioned(text: str, i: int, theirs: list[Any], part: float) -> bool:
    """Whether a few roundings at the start move what torch prints out of bounds, up to there."""
    head, optimizer, tail = text.partition("optimizer = ")
    for turn in range(1, 17):
        nudge = NUDGE.lstrip().format(turn=turn)
        nudged = run(head + nudge + optimizer + tail, torch)
        pairs = zip(nudged[: i + 1], theirs[: i + 1], strict=False)
        if not all(same_numbers(a, b, part) for a, b in pairs):
            return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.agreement.networks")
    parser.add_argument("--programs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0, help="the first program's seed")
    options = parser.parse_args()
    torch.set_num_threads(1)
    seeds = range(options.seed, options.seed + options.programs)
    found = [text for text in map(differs, seeds) if text is not None]
    print("\n".join(found))
    print(f"{options.programs} networks, {len(found)} disagreements")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
