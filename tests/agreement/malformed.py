"""Calls every public function with arguments that it cannot take, and some that it can.

    python -m tests.agreement.malformed cumsum Tensor.view     these functions
    python -m tests.agreement.malformed --calls 2000           all of them, so often each

A call is a line of Python that is run with minigrad and with torch. Both must give the same, or
raise the same type of exception, and minigrad must neither change an argument that torch leaves
alone, nor pass on a warning of numpy's, nor take forever. Calls are made from a seed.
"""

from __future__ import annotations

import argparse
import inspect
import math
import os
import pickle
import re
import resource
import signal
import sys
import tempfile
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch

import minigrad
from tests.agreement.choices import Choices
from tests.judge import is_tensor, plain_text

# The arguments, as Python with T for the library.

TENSORS = """
T.tensor([[1.0, -2.0], [0.5, 3.0]])
T.tensor([1.0, -2.0, 0.5])
T.tensor(1.5)
T.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]], requires_grad=True)
T.tensor([0.25, 0.5], requires_grad=True)
T.tensor([1.0, 2.0, 3.0], dtype=T.float64)
T.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=T.float64)
T.tensor([2, 0, 1])
T.tensor([[1, 0, 1], [0, 1, 0]])
T.tensor(1)
T.tensor([True, False, True])
T.tensor([[True, False], [False, True]])
T.tensor([3, 200], dtype=T.uint8)
T.tensor([-1, 0, 2], dtype=T.int32)
T.tensor([float('nan'), 1.0, float('inf')])
T.ones(0)
T.ones(2, 0)
T.ones(2, 3, 4)
T.ones(1, 2, 4, 4)
T.ones(3, 1).expand(3, 2)
""".strip().splitlines()
INTEGERS = ["0", "1", "2", "-1", "3", "-3", "7", "10**15", "-(10**15)", "2**63", "True"]
NUMBERS = [*INTEGERS, "1.5", "-0.5", "0.0", "float('nan')", "float('inf')", "1e300", "2j"]
BOOLS = ["True", "False", "None", "1", "0", "'a'", "1.5"]
DTYPES = ["T.float32", "T.float64", "T.int64", "T.bool", "T.uint8", "None", "'float32'", "float"]
TEXTS = ["'mean'", "'sum'", "'none'", "'a'", "''", "None", "0"]
LISTS = (
    """
[] | () | [0] | [1] | [1, 2] | (2, 2) | (-1,) | (0, 1) | (1, 0) | [0, 0] | [2, 3, 4] | [-1, -1]
| [1.5] | ['a'] | [None] | ((1, 0), (0, 1)) | [10**15, 10**15] | (5,) | [True] | [T.tensor(1)]
""".strip()
    .replace("\n", " ")
    .split(" | ")
)
SEQUENCES = [
    "[T.tensor([1.0]), T.tensor([2.0])]",
    "(T.ones(2, 2), T.ones(2, 2))",
    "[T.ones(2), T.ones(3)]",
    "[T.ones(2, 1), T.tensor([1, 2])]",
    "[]",
    "[T.ones(2), None]",
    "[T.ones(2), 1.0]",
]
OTHERS = (
    """
None | 'a' | b'a' | {} | ... | slice(None) | T.float32 | range(2) | float | int | {1, 2}
| {'a': 1} | np.float32(1.5) | np.int64(1) | np.array([1.0, 2.0]) | T.Size([2]) | T | 10**400
""".strip()
    .replace("\n", " ")
    .split(" | ")
)
ANY = [*TENSORS, *NUMBERS, *LISTS, *SEQUENCES, *OTHERS]

# What a parameter of this name can take.
PLAUSIBLE: dict[str, list[str]] = {}
for _names, _texts in [
    (
        "input self other A B x y mat mat1 mat2 vec vec1 vec2 batch1 batch2 tensor1 tensor2 weight "
        "bias target index src source mask value values end tensor input1 input2 x1 x2 condition "
        "query key test_elements elements boundaries sorted_sequence element exponent indices",
        TENSORS,
    ),
    ("tensors matrices shapes parameters modules", SEQUENCES),
    ("dim dim0 dim1 dim2 axis diagonal offset start_dim end_dim", [*INTEGERS[:7], *LISTS]),
    ("n k start end step steps chunks sections num_classes length correction", NUMBERS),
    ("p ord eps alpha beta value lambd min max mean std q lr scale momentum", NUMBERS),
    ("size sizes shape dims pad shifts kernel_size stride padding dilation", [*LISTS, *INTEGERS]),
    ("output_size normalized_shape order split_size_or_sections repeats", [*LISTS, *INTEGERS]),
    ("in_features out_features in_channels out_channels groups num_features", INTEGERS[:7]),
    ("num_embeddings embedding_dim input_size hidden_size num_layers num_groups", INTEGERS[:7]),
    ("dtype", DTYPES),
    ("reduction reduce mode padding_mode rounding_mode side interpolation indexing", TEXTS),
]:
    for _name in _names.split():
        PLAUSIBLE.setdefault(_name, _texts)

# Not called: they set what outlives the call, stop the program, read files, or need a terminal.
SKIPPED = """
    save load set_default_dtype set_default_device set_printoptions manual_seed seed
    set_anomaly_enabled set_rng_state get_rng_state initial_seed set_grad_enabled
    set_num_threads
    set_num_interop_threads compile set_deterministic_debug_mode use_deterministic_algorithms
    set_flush_denormal no_grad enable_grad inference_mode vmap get_default_device
    set_default_tensor_type is_storage set_float32_matmul_precision get_num_threads Generator
    device Size dtype finfo iinfo from_dlpack frombuffer empty empty_like empty_permuted
    empty_strided new_empty new data_ptr storage untyped_storage register_hook
    register_post_accumulate_grad_hook share_memory_ apply_ map_ map2_ numpy new_tensor clone
    pin_memory __getattr__ layout memory_format element_size type_as ndimension names backward
    retain_grad set_ resize_ to_sparse typename get_num_interop_threads set_warn_always
    is_warn_always_enabled DataParallel Module TransformerEncoder TransformerDecoder Transformer
    new_empty_strided dlpack func load_state_dict multi_head_attention_forward resize_as_
"""
# Types of exceptions that stand for each other: which of them torch raises is an accident of where
# the check is made, in Python or in C++.
ALIKE = [
    {"RuntimeError", "NotImplementedError", "LinAlgError"},
    {"RuntimeError", "MemoryError", "OutOfMemoryError"},
    {"RuntimeError", "OverflowError"},
    {"TypeError", "OverflowError"},
]
# Exceptions, and words in them, that show numpy or our insides in place of an answer.
INSIDES = re.compile(
    r"(?<!not )(?<!got \()ndarray|(?<!computes with )numpy|ufunc|operands could not be broadcast"
    r"|NoneType' object has no|object has no attribute|not supported between|unsupported operand"
    r"|subscriptable|cannot reshape array|axis \d|not enough values|too many values|zip\(\)|np\."
)
SECONDS = 5.0  # for one call
MEMORY = 8 << 30  # bytes of address space for the calls of one function


@dataclass(frozen=True)
class Found:
    """A call whose outcome is wrong."""

    kind: str
    call: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return (
            f"# {self.kind}: ours {self.ours[:300]}\n#   torch's {self.theirs[:300]}\n"
            "import numpy as np, minigrad, torch\n"
            "for T in (torch, minigrad):\n"
            f"    try: print({self.call})\n"
            "    except Exception as error: print(type(error).__name__, error)\n"
        )


@dataclass
class Target:
    """A function by the text that calls it, and its parameters."""

    name: str
    parameters: list[inspect.Parameter]

    @property
    def is_method(self) -> bool:
        return self.name.startswith("Tensor.")


def targets(names: Iterable[str] = ()) -> list[Target]:
    """The public functions, methods and constructors that both libraries have."""
    wanted = set(names)
    found = []
    places = ["", "Tensor", "linalg", "special", "nn.functional", "nn", "optim"]
    for place in places:
        mine, its = walk(minigrad, place), walk(torch, place)
        for name in getattr(mine, "__all__", None) or dir(mine):
            full = f"{place}.{name}" if place else name
            skipped = name in SKIPPED.split() or name.startswith(("_", "Lazy", "Uninitialized"))
            if skipped or (wanted and full not in wanted):
                continue
            function, other = getattr(mine, name, None), getattr(its, name, None)
            if callable(function) and callable(other) and not isinstance(function, type(os)):
                found.append(Target(full, parameters(place, name, function)))
    return found


def walk(library: Any, place: str) -> Any:
    for part in filter(None, place.split(".")):
        library = getattr(library, part, None)
    return library


def parameters(place: str, name: str, function: Any) -> list[inspect.Parameter]:
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    if place != "Tensor":
        return found
    plain = getattr(minigrad.Tensor, name[:-1], None) if name.endswith("_") else None
    if found[-1].kind is inspect.Parameter.VAR_KEYWORD and plain is not None:
        found = list(inspect.signature(plain).parameters.values())  # of an in-place form
    return found[1:]


class Writer:
    """Writes calls of a function."""

    def __init__(self, choices: Choices, target: Target) -> None:
        self.choices, self.target = choices, target

    def argument(self, parameter: inspect.Parameter | None) -> str:
        if parameter is None or self.choices.chance(8):
            return self.choices.pick(ANY)
        texts = PLAUSIBLE.get(parameter.name)
        default = parameter.default
        if texts is None or self.choices.chance(10):
            if isinstance(default, bool):
                texts = BOOLS
            elif isinstance(default, int | float):
                texts = NUMBERS
            elif isinstance(default, str):
                texts = [repr(default), *TEXTS]
            else:
                texts = texts or ANY
        return self.choices.pick(texts)

    def call(self) -> str:
        choices, parameters = self.choices, self.target.parameters
        positional: list[str] = []
        named: dict[str, str] = {}
        for i, parameter in enumerate(parameters):
            optional = parameter.default is not inspect.Parameter.empty
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                positional += [self.argument(parameter) for _ in range(choices.number(0, 3))]
                continue
            # Sizes one by one, or all of them by name.
            spread = i > 0 and parameters[i - 1].kind is inspect.Parameter.VAR_POSITIONAL
            left_out = (97 if spread and positional else 75) if optional else 4
            if parameter.kind is inspect.Parameter.VAR_KEYWORD or choices.chance(left_out):
                continue
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY or named or optional:
                named[parameter.name] = self.argument(parameter)
            else:
                positional.append(self.argument(parameter))
        if choices.chance(20) and named and len(positional) + 1 < len(parameters):
            positional.append(named.pop(next(iter(named))))  # perhaps in the wrong place
        if choices.chance(4):
            positional.append(self.argument(None))  # one too many
        if choices.chance(3):
            named[choices.pick(["dims", "unknown", "axis"])] = self.argument(None)
        arguments = ", ".join([*positional, *[f"{name}={text}" for name, text in named.items()]])
        if self.target.is_method:
            tensor = choices.pick(TENSORS)
            if self.target.name.endswith("_") and choices.chance(50):
                tensor += ".clone()"
            return f"{tensor}.{self.target.name.partition('.')[2]}({arguments})"
        return f"T.{self.target.name}({arguments})"


def outcome(library: Any, call: str) -> tuple[Any, list[np.ndarray]]:
    """What a call gives, or the exception; and the arguments' values afterwards."""
    made: list[Any] = []

    def keep(x: Any) -> Any:
        made.append(x)
        return x

    code = compile(kept(call), "<call>", "eval")
    library.manual_seed(0)
    try:
        result: Any = eval(code, {"T": library, "np": np, "keep": keep})
        if isinstance(result, library.nn.Module):  # its text may fail, too
            result = (repr(result), [tuple(x.shape) for x in result.state_dict().values()])
    except Endless:
        raise
    except Exception as error:
        result = error
    return result, [x.detach().numpy().copy() for x in made]


def kept(call: str) -> str:
    """The call with ``keep()`` around every tensor among its arguments."""
    for text in sorted(TENSORS, key=len, reverse=True):
        call = call.replace(text, f"keep(\x00{TENSORS.index(text)}\x00)")
    return re.sub("\x00(\\d+)\x00", lambda m: TENSORS[int(m[1])], call)


class Endless(Exception):
    """A call has taken SECONDS."""


def ring(*_: Any) -> None:
    raise Endless


def in_time(library: Any, call: str) -> tuple[Any, list[np.ndarray]]:
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        return outcome(library, call)
    except Endless as error:
        return error, []
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def judge(call: str) -> Found | None:
    """Run a call with both libraries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs, their_values = in_time(torch, call)
        warnings.simplefilter("error", RuntimeWarning)
        ours, our_values = in_time(minigrad, call)
        if isinstance(ours, RuntimeWarning) and isinstance(in_time(torch, call)[0], RuntimeWarning):
            return None  # of numpy's, about its own numbers
    if isinstance(theirs, Endless):
        return None
    return compare(call, ours, theirs, our_values, their_values)


def compare(
    call: str, ours: Any, theirs: Any, our_values: list[Any], their_values: list[Any]
) -> Found | None:
    def found(kind: str) -> Found:
        return Found(kind, call, text_of(ours), text_of(theirs))

    if isinstance(ours, Endless):
        return found("hangs")
    if isinstance(ours, RuntimeWarning):
        return found("warns")
    if ours is NotImplemented:
        return found("leaks")
    raised = isinstance(ours, Exception), isinstance(theirs, Exception)
    # Of integers and floats of both sizes some are computed in float32 first.
    mixed = call.count("T.tensor(") + call.count("T.ones(") > call.count("dtype=T.float64")
    if raised == (False, False):
        for a, b in zip(our_values, their_values, strict=False):
            if not same_array(a, b, mixed):
                return found("changes an argument")
    if raised == (False, True):
        return found("accepts")
    if raised[0]:
        names = [type(ours).__name__, type(theirs).__name__]
        if not raised[1]:
            return found("refuses")
        if names[0] == names[1] or any(set(names) <= alike for alike in ALIKE):
            return None
        said = re.sub(r"; got .*", "", str(ours))  # what was given may be numpy's itself
        inside = type(ours).__module__.startswith("numpy") or INSIDES.search(said)
        inside = inside and not isinstance(ours, MemoryError)
        return found("leaks" if inside else "raises another")
    return None if same(ours, theirs, mixed) else found("gives another")


def bounded(x: Any) -> Any:
    """What shows enough of a tensor: one that has been expanded may have no end."""
    return (slice(None if x.numel() < 10**7 else 6),) * x.ndim


def text_of(x: Any) -> str:
    if isinstance(x, Exception):
        return f"{type(x).__name__}: {' '.join(str(x).split())[:200]}"
    if is_tensor(x):
        grad = ", requires_grad" if x.requires_grad else ""
        first = x.detach()[bounded(x)].flatten()[:6].tolist()
        return f"{plain_text(x.dtype)}{list(x.shape)}{grad} {first}"
    return f"{type(x).__name__} {' '.join(plain_text(x).split())[:200]}"


def same_array(a: np.ndarray, b: np.ndarray, mixed: bool = False) -> bool:
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind != "f":
        return bool((a == b).all())
    with np.errstate(all="ignore"):
        finite = np.abs(b[np.isfinite(b)], dtype=np.float64)
        unit = 2.0**-21 if mixed and a.dtype == np.float64 else 1e3 * float(np.finfo(a.dtype).eps)
        tolerance = unit * max(float(finite.max(initial=0)), 1e-30)
        return bool(np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True))


def same(a: Any, b: Any, mixed: bool = False) -> bool:
    if is_tensor(a) or is_tensor(b):
        if not (is_tensor(a) and is_tensor(b)) or a.requires_grad != b.requires_grad:
            return False
        arrays = [x.detach()[bounded(x)].numpy() for x in (a, b.resolve_neg())]
        return a.shape == b.shape and same_array(*arrays, mixed)
    if isinstance(b, tuple | list):
        return (
            isinstance(a, tuple | list)
            and len(a) == len(b)
            and all(map(partial(same, mixed=mixed), a, b))
        )
    if isinstance(b, float) and isinstance(a, float):
        return math.isclose(a, b, rel_tol=1e-6) or (math.isnan(a) and math.isnan(b))
    if isinstance(b, bool | int | str | torch.dtype | None):
        return plain_text(a) == plain_text(b)
    return True  # generators, storages: nothing to compare


@dataclass
class Tally:
    """What many calls came to."""

    calls: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    first: dict[tuple[str, str], Found] = field(default_factory=dict)  # the shortest of each sort
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, target: Target, found: Found) -> None:
        self.kinds[found.kind] += 1
        ours, theirs = found.ours.partition(":")[0], found.theirs.partition(":")[0]
        if found.kind in ("gives another", "changes an argument"):
            ours = theirs = ""
        key = (f"{found.kind} {target.name}", f"{ours.split()[0:1]} {theirs.split()[0:1]}")
        self.seen[key] += 1
        if key not in self.first or len(found.call) < len(self.first[key].call):
            self.first[key] = found

    def join(self, other: Tally) -> None:
        self.calls += other.calls
        self.kinds += other.kinds
        self.seen += other.seen
        for key, found in other.first.items():
            if key not in self.first or len(found.call) < len(self.first[key].call):
                self.first[key] = found

    @property
    def reports(self) -> list[str]:
        return [f"# {n} times\n{self.first[key]}" for key, n in sorted(self.seen.items())]

    def __str__(self) -> str:
        return f"{self.calls} calls, {sum(self.kinds.values())} wrong {dict(self.kinds)}"


# torch goes through all the degrees, all the places of a window, and makes all the layers.
ENDLESS = re.compile(
    r"(polynomial_|max_pool1d|MaxPool1d|RNN|LSTM|GRU).*(10\*\*15|2\*\*63|1e300|inf)"
)


def calls(target: Target, count: int, seed: int) -> Iterator[str]:
    """So many calls of a function, always the same for one seed."""
    writer = Writer(Choices(seed + zlib.crc32(target.name.encode())), target)
    for _ in range(count):
        call = writer.call()
        if not ENDLESS.search(call):
            yield call


def run(target: Target, count: int, seed: int, note: Any = None) -> Tally:
    tally = Tally()
    for call in calls(target, count, seed):
        if note is not None:
            note(call)
        tally.calls += 1
        found = judge(call)
        if found is not None and not known(found):
            tally.add(target, found)
    return tally


# Where the two are known to part: the kind, what the call or torch's answer says, and why.
KNOWN = [
    ("raises another", "AttributeError: .* has no attribute", "torch trips over what is no tensor"),
    ("accepts", "must be bool, not", "any object has a truth value"),
    ("accepts", "torch.memory_format", "there is one memory format"),
    ("leaks", "2j", "numbers are real"),
    ("leaks", r"np\.array\(", "an array beside a tensor is taken for its numbers"),
    ("accepts", "cannot be converted to type", "a number too large for the dtype is infinite"),
    (
        "gives another",
        r"Tensor\((np\.int64\(|T\.Size\(\[|T\.tensor\()?\d",
        "memory that nobody has written to is zero",
    ),
    ("gives another", r"median\(|kthvalue|topk|mode\(", "the index among ties is not specified"),
    (
        "gives another",
        r"qr[f(]|svd[_(]|pca_|eigh\(|pinv|inverse|cond\(|matrix_rank|cholesky_ex",
        "the factors of a singular matrix",
    ),
    ("gives another", r"group_norm.*e-0\d", "of groups of one, torch leaves a rounding of 0"),
    ("gives another", "unique_consecutive", "torch forgets the inverse that is asked for by place"),
    (
        "gives another",
        "searchsorted|bucketize|histogram.*nan|unique.*nan",
        "what has a NaN is not sorted",
    ),
    ("gives another", "gelu|polygamma|logit|normal_", "at poles and infinities, by CPU in torch"),
    ("changes an argument", "polygamma|logit", "at poles and infinities, by CPU in torch"),
    ("changes an argument", "digamma|psi", "written in double, computed in single precision"),
    ("gives another", "module '|size 2|grad_fn=", "names of the library, and the printing of them"),
    ("gives another", "1e300", "what is too large for float32 is infinite for torch"),
    ("gives another", r"zeta\(.*10\*\*15", "torch's terms overflow: NaN in place of 0"),
    ("gives another", "ldexp", "a power of 2 in float32"),
    ("changes an argument", "ldexp", "a power of 2 in float32"),
    ("changes an argument", r"cov\(", "torch's writes into the one row that has weights"),
    (
        "gives another",
        r"(\bnorm|vector_norm|normalize|pairwise_distance)\(.*T\.tensor\(1(\.5)?\)"
        r"|T\.tensor\(1(\.5)?\)\.norm",
        "torch asks for the size of a dimension that a single number does not have",
    ),
    ("gives another", "lstsq", "the rank of a matrix without right-hand sides"),
    ("gives another", "max_norm=tensor", "a setting is a number here"),
    ("gives another", "bernoulli|multinomial", "a draw is a plain tensor"),
    ("gives another", r"stride\(\)", "the stride of an empty dimension"),
    (
        "crashes",
        r"as_strided_\(.*-1",
        "torch refuses, but keeps the negative sizes, and dies later",
    ),
]


def known(found: Found) -> bool:
    text = f"{found.call} {found.theirs}"
    return any(found.kind == kind and re.search(words, text) for kind, words, _ in KNOWN)


def run_apart(targets: Sequence[Target], count: int, seed: int) -> Tally:
    """`run` for each in another process with limited memory; a new one where a call crashes it."""
    total, done = Tally(), 0
    while done < len(targets):
        with tempfile.TemporaryDirectory() as folder:
            current, answers = Path(folder, "call"), Path(folder, "answers")
            pid = os.fork()
            if pid == 0:
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
                try:
                    with current.open("w") as file, answers.open("wb") as out:
                        for target in targets[done:]:
                            pickle.dump(run(target, count, seed, partial(note, file)), out)
                            out.flush()
                finally:
                    os._exit(0)
            os.waitpid(pid, 0)
            with answers.open("rb") as finished:
                while True:
                    try:
                        total.join(pickle.load(finished))
                    except EOFError:
                        break
                    done += 1
            if done < len(targets):
                crash = Tally(calls=1)
                found = Found("crashes", current.read_text().strip(), "the process died", "")
                if not known(found):
                    crash.add(targets[done], found)
                total.join(crash)
                done += 1
    return total


def note(file: IO[str], call: str) -> None:
    """Write down what is about to be called."""
    file.seek(0)
    file.truncate()
    file.write(call)
    file.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.agreement.malformed")
    parser.add_argument("names", nargs="*", help="functions such as cumsum, Tensor.view, nn.Linear")
    parser.add_argument("--calls", type=int, default=300, help="how many of each function")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=1000)
    parser.add_argument("--kinds", nargs="*", help="only these")
    options = parser.parse_args()
    torch.set_num_threads(1)
    total, start = Tally(), time.perf_counter()
    total.join(run_apart(targets(options.names), options.calls, options.seed))
    kinds = options.kinds or total.kinds
    wanted = [text for text in total.reports if any(f"# {kind}:" in text for kind in kinds)]
    for report in wanted[: options.show]:
        print(report)
    print(f"{total}; {total.calls / (time.perf_counter() - start):.0f} calls/s")
    return 1 if total.kinds else 0


if __name__ == "__main__":
    sys.exit(main())
