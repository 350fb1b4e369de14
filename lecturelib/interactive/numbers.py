"""Numbers in one form in figures and their captions; ``show`` in kit.mjs is the twin."""

from __future__ import annotations

import math

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 3) -> str:
    """``value`` with so many digits: plain from 0.001 to a million, else with a power of ten.

    Args:
        value: any number, also one that is not finite.
        digits: how many digits count; zeros at the end are left out.

    >>> [number(v) for v in (0.5, -12.346, 0.0000966, 1e-10, math.inf)]
    ['0.5', '−12.3', '9.66 · 10⁻⁵', '10⁻¹⁰', '∞']
    """
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    factor, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    power = int(exponent)
    sign = "−" if value < 0 and float(factor) else ""
    if float(factor) == 0 or -3 <= power < 6:
        places = max(0, digits - 1 - power)
        return sign + _short(f"{float(f'{factor}e{power}'):.{places}f}")
    raised = f"10{str(power).translate(_RAISED)}"
    return sign + (raised if float(factor) == 1 else f"{_short(factor)} · {raised}")


def _short(decimal: str) -> str:
    """A decimal without zeros at its end."""
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal
