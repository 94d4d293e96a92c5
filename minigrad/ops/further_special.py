"""What torch has in torch.special alone: the normal distribution's functions, Bessel's and zeta."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value
from minigrad.autograd.wide import wide_primitive
from minigrad.ops import bessel_functions as bessel
from minigrad.ops import special_functions as functions
from minigrad.ops.arguments import need_tensor, no_overload, overloads
from minigrad.ops.special import PEAK, _i1, erf, without_slope
from minigrad.promotion import floating, plain

ROOT_2 = math.sqrt(2)
ROOT_2_PI = math.sqrt(2 * math.pi)
HIGHEST = 10_000  # the degree that a recurrence is followed to


def of_one(operator: Operator, name: str, about: str, argument: str = "input") -> Any:
    """The public function of an operator on one tensor."""

    def function(input: Any) -> Any:
        need_tensor(f"special_{name}", input, argument)
        return operator(input)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{about} Integers give the default dtype."
    return function


# Modified Bessel functions.

_i0e: Operator = primitive(
    "SpecialI0EBackward0",
    bessel.i0e,
    promote=floating,
    x=lambda g, x, out: g * (_i1e(x) - np.sign(x) * out),
)
_i1e: Operator = primitive(
    "SpecialI1EBackward0",
    bessel.i1e,
    promote=floating,
    x=lambda g, x, out: (
        g
        * np.where(
            (x > 0) | (x < 0), _i0e(x) - out * (np.sign(x) + 1 / np.where(x == 0, 1.0, x)), 0.5
        )
    ),
)

i0e = of_one(_i0e, "i0e", "``exp(-abs(x)) i0(x)``. Derivative: i1e(x) - sign(x) i0e(x).")
i1 = of_one(_i1, "i1", "The modified Bessel function of order 1. Derivative: i0(x) - i1(x) / x.")
i1e = of_one(_i1e, "i1e", "``exp(-abs(x)) i1(x)``. Derivative: i0e(x) - i1e(x) (sign(x) + 1 / x).")


def flat(function: Callable[..., Any], name: str, about: str) -> Any:
    """A function of one tensor whose result leads nowhere, in torch too."""

    operator = wide_primitive(name, function, promote=floating)
    argument = "input" if name.startswith("modified") else "x"
    about += " Not differentiable: its result does not require grad."
    return of_one(operator, name, about, argument)


modified_bessel_i0 = flat(bessel.i0, "modified_bessel_i0", "`i0`.")
modified_bessel_i1 = flat(bessel.i1, "modified_bessel_i1", "`i1`.")
scaled_modified_bessel_k0 = flat(
    lambda x: bessel.ke(x, 0), "scaled_modified_bessel_k0", "``exp(x) K0(x)``."
)
scaled_modified_bessel_k1 = flat(
    lambda x: bessel.ke(x, 1), "scaled_modified_bessel_k1", "``exp(x) K1(x)``."
)
modified_bessel_k0 = flat(
    lambda x: np.exp(-x) * bessel.ke(x, 0), "modified_bessel_k0", "The Bessel function K0."
)
modified_bessel_k1 = flat(
    lambda x: np.exp(-x) * bessel.ke(x, 1), "modified_bessel_k1", "The Bessel function K1."
)


@functions.in_double
def _spherical_j0(x: Array) -> Any:
    return np.where(np.isinf(x), 0.0, np.where(x == 0, 1.0, np.sin(x) / np.where(x == 0, 1.0, x)))


spherical_bessel_j0 = flat(_spherical_j0, "spherical_bessel_j0", "``sin(x) / x``.")


# The normal distribution and the error function.


@functions.in_double
def _erfcx_array(x: Array) -> Any:
    a = np.abs(x)
    near = np.exp(x * x) * functions.erfc(x)
    far = functions._erfc_scaled(np.maximum(a, functions.NEAR))
    beyond = np.where(x > 0, far, 2 * np.exp(x * x) - far)
    return np.where(a <= functions.NEAR, near, np.where(np.isnan(x), x, beyond))


_erfcx: Operator = primitive(
    "SpecialErfcxBackward0",
    _erfcx_array,
    promote=floating,
    x=lambda g, x, out: g * (2 * x * out - PEAK),
)


@functions.in_double
def _log_ndtr_array(x: Array) -> Any:
    left, right = np.minimum(x, -1), np.maximum(x, -1)
    tail = np.log(_erfcx_array(-left / ROOT_2) / 2) - left * left / 2
    return np.where(x < -1, tail, np.log1p(-functions.erfc(right / ROOT_2) / 2))


_log_ndtr = primitive(
    "SpecialLogNdtrBackward0",
    _log_ndtr_array,
    promote=floating,
    x=lambda g, x: g / _erfcx(x * (-1 / ROOT_2)) * (2 / ROOT_2_PI),
)
_ndtri = primitive(
    "SpecialNdtriBackward0",
    functions.ndtri,
    promote=floating,
    x=lambda g, out: g * ROOT_2_PI * np.exp(np.square(out) * 0.5),
)
_entr = primitive(
    "SpecialEntrBackward0",
    lambda x: np.where(x > 0, -x * np.log(x), np.where(x == 0, 0 * x, np.where(x < 0, -np.inf, x))),
    promote=floating,
    x=lambda g, x: g * -(1 + np.log(x)),
)

entr = of_one(_entr, "entr", "``-x log(x)``, 0 at 0, -inf below. Derivative: -(1 + log(x)).")
erfcx = of_one(_erfcx, "erfcx", "``exp(x**2) erfc(x)``. Derivative: 2 x erfcx(x) - 2 / sqrt(pi).")
log_ndtr = of_one(
    _log_ndtr,
    "log_ndtr",
    "The logarithm of `ndtr`, good far to the left. Derivative: that of ndtr, divided by it.",
)
ndtri = of_one(_ndtri, "ndtri", "The inverse of `ndtr`. Derivative: 1 / the density there.")
ndtr = of_one(
    lambda x: (1 + erf(x * (1 / ROOT_2))) * 0.5,
    "ndtr",
    "The standard normal distribution function. Derivative: the density.",
)


def of_two(
    name: str, both: Operator, number_first: Operator, number_last: Operator, about: str
) -> Callable[..., Any]:
    """The public function of an operator on two tensors, one of which may be a number."""

    def function(input: Any, other: Any) -> Any:
        if isinstance(input, Value) and isinstance(other, Value):
            return both(input, other)
        numbers = [plain(x) for x in (input, other) if not isinstance(x, Value)]
        if len(numbers) == 2 or numbers[0] is NotImplemented:
            raise no_overload(f"special_{name}", input, other)
        if isinstance(input, Value):
            return number_last(input, numbers[0])
        return number_first(other, numbers[0])

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{about} Integers give the default dtype."
    return function


def _times_log1p(a: Any, b: Any) -> Any:
    b = b if isinstance(b, np.ndarray) else np.asarray(b, a.dtype)
    return np.where((a == 0) & (b == b), 0, a * np.log1p(b))


_xlog1py: Operator = primitive(
    "SpecialXlog1PyBackward0",
    _times_log1p,
    promote=floating,
    a=lambda g, a, b: np.where((a == 0) & (b <= -1), 0.0, _xlog1py(g, b)),
    b=lambda g, a, b: g * a / (b + 1),
)
_number_times_log1p = primitive(
    "SpecialXlog1PyBackward1",
    lambda b, number: _times_log1p(np.asarray(number, b.dtype), b),
    promote=floating,
    b=lambda g, b, number: g * number / (b + 1),
)
_times_log1p_of_number: Operator = primitive(
    "SpecialXlog1PyBackward2",
    _times_log1p,
    promote=floating,
    a=lambda g, a, b: np.where((a == 0) & (b <= -1), 0.0, _times_log1p_of_number(g, b)),
)

xlog1py = of_two(
    "xlog1py",
    _xlog1py,
    _number_times_log1p,
    _times_log1p_of_number,
    "``input * log1p(other)``, 0 where the input is 0; one of them may be a number. Derivatives: "
    "log1p(other), and input / (other + 1).",
)


def _zeta_array(s: Any, q: Any) -> Any:
    dtype = q.dtype
    s, q = np.broadcast_arrays(np.float64(s), np.float64(q))
    pole = (q <= 0) & (q == np.floor(q))
    defined = (s > 1) & np.isfinite(q) & ((q > 0) | (s == np.floor(s)))
    a, power = np.where(defined & ~pole, q, 1.0), np.where(defined, s, 2.0)
    first = np.zeros_like(a)
    while (a <= 1).any():
        first += np.where(a <= 1, np.sign(a) ** power * np.abs(a) ** -power, 0)
        a = a + (a <= 1)
    rest = functions.hurwitz(power, a)
    little = a**-power < np.finfo(a.dtype).eps * np.abs(first)  # in torch the sum ends there
    made = np.where(pole, np.inf, np.where(little, first, first + rest))
    made = np.where(defined | (pole & ~(s < 1)), made, np.nan)  # at a pole also for a NaN s
    return np.where(s == 1, np.inf, made).astype(dtype)


_zeta: Operator = wide_primitive(
    "SpecialZetaBackward0",
    _zeta_array,
    promote=floating,
    s=None,
    q=lambda g, s, q: g * -s * _zeta(s + 1, q),
)
_zeta_of_number = primitive(
    "SpecialZetaBackward1",
    lambda q, number: _zeta_array(number, q),
    promote=floating,
    q=lambda g, q, number: g * -number * _zeta(np.zeros_like(q) + (number + 1), q),
)


def _zeta_at_number(s: Any, number: Any) -> Any:
    (floats,) = floating([s.array])
    q = s.new_tensor(number, dtype=floats.dtype)
    return without_slope("SpecialZetaBackward2", "zeta", _zeta, s, q)


zeta = of_two(
    "zeta",
    lambda s, q: without_slope("SpecialZetaBackward0", "zeta", _zeta, s, q),
    _zeta_of_number,
    _zeta_at_number,
    "Hurwitz's zeta function, the sum of (other + k)**-input over k >= 0. Derivative, in ``other`` "
    "alone: -input zeta(input + 1, other); NotImplementedError in backward for the input.",
)


# Orthogonal polynomials, by their recurrences in the degree (DLMF 18.9).


def polynomials(
    name: str, first: Callable[[Any], Any], step: Callable[[int, Any, Any, Any], Any], about: str
) -> Callable[..., Any]:
    """The function of x and the degree, by P1(x) and P(n + 1) from n, x, P(n) and P(n - 1)."""

    def compute(x: Any, n: Any) -> Any:
        dtype = np.result_type(*[v for v in (x, n) if isinstance(v, np.ndarray)])
        x, n = np.broadcast_arrays(np.asarray(x, dtype), np.trunc(n))
        before, now = np.ones_like(x), first(x)
        made = np.where(n == 0, before, np.where(n > 0, now, 0))
        highest = np.max(n, initial=0, where=n == n)
        if highest > HIGHEST:
            raise RuntimeError(f"{name}: degrees above {HIGHEST} are not supported")
        for k in range(1, int(highest)):
            before, now = now, step(k, x, now, before)
            made = np.where(n == k + 1, now, made)
        return made.astype(dtype)

    operator = wide_primitive(name, compute, promote=floating)

    def function(x: Any, n: Any) -> Any:
        if not (isinstance(x, Value) or isinstance(n, Value)):
            raise no_overload(f"special_{name}", x, n)
        return overloads(f"special_{name}", operator(x, n), x, n)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"{about} of degree ``n``, broadcast; one of them may be a number. Not differentiable: the "
        "result does not require grad."
    )
    return function


def _chebyshev(k: int, x: Any, now: Any, before: Any) -> Any:
    return 2 * x * now - before


CHEBYSHEV: dict[str, tuple[Callable[[Any], Any], str]] = {
    "t": (lambda x: x, "first"),
    "u": (lambda x: 2 * x, "second"),
    "v": (lambda x: 2 * x - 1, "third"),
    "w": (lambda x: 2 * x + 1, "fourth"),
}


def _chebyshev_of(letter: str, shifted: bool) -> Callable[..., Any]:
    first, kind = CHEBYSHEV[letter]
    name = f"chebyshev_polynomial_{letter}"
    about = f"Chebyshev's polynomial of the {kind} kind"
    if not shifted:
        return polynomials(name, first, _chebyshev, about)
    return polynomials(
        "shifted_" + name,
        lambda x: first(2 * x - 1),
        lambda k, x, now, before: _chebyshev(k, 2 * x - 1, now, before),
        about + ", at 2 x - 1,",
    )


chebyshev_polynomial_t = _chebyshev_of("t", False)
chebyshev_polynomial_u = _chebyshev_of("u", False)
chebyshev_polynomial_v = _chebyshev_of("v", False)
chebyshev_polynomial_w = _chebyshev_of("w", False)
shifted_chebyshev_polynomial_t = _chebyshev_of("t", True)
shifted_chebyshev_polynomial_u = _chebyshev_of("u", True)
shifted_chebyshev_polynomial_v = _chebyshev_of("v", True)
shifted_chebyshev_polynomial_w = _chebyshev_of("w", True)
hermite_polynomial_h = polynomials(
    "hermite_polynomial_h",
    lambda x: 2 * x,
    lambda k, x, now, before: 2 * x * now - 2 * k * before,
    "The physicists' Hermite polynomial",
)
hermite_polynomial_he = polynomials(
    "hermite_polynomial_he",
    lambda x: x,
    lambda k, x, now, before: x * now - k * before,
    "The probabilists' Hermite polynomial",
)
laguerre_polynomial_l = polynomials(
    "laguerre_polynomial_l",
    lambda x: 1 - x,
    lambda k, x, now, before: ((2 * k + 1 - x) * now - k * before) / (k + 1),
    "Laguerre's polynomial",
)
legendre_polynomial_p = polynomials(
    "legendre_polynomial_p",
    lambda x: x,
    lambda k, x, now, before: ((2 * k + 1) * x * now - k * before) / (k + 1),
    "Legendre's polynomial",
)
