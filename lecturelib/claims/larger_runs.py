"""What a claim gave at its larger settings, as its card tells it.

Thresholds belong to the quick settings, for which they were set. At the full settings the same rule
gives a verdict; the short ones cut the training, so that only the measures are told.
"""

from __future__ import annotations

import textwrap
from html import escape
from typing import Any

from lecturelib.claims.record import Claim
from lecturelib.claims.results import Result
from lecturelib.claims.statistics import effect_text, passes, verdict

__all__ = ["headline", "section", "settings_text", "text"]

NAMES = {"full": "Full settings", "short": "Full models, less training"}


def settings_text(claim: Claim, result: Result) -> str:
    """The settings that differ from the quick ones.

    >>> from lecturelib.claims import get
    >>> from lecturelib.claims.results import larger
    >>> claim = get("N1")
    >>> settings_text(claim, larger(claim)[0])
    'width 1024, depth 6, epochs 100'
    """
    changed = {k: result.settings[k] for k in claim.quick if claim.quick[k] != result.settings[k]}
    return ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in changed.items())


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "/".join(map(_value, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _outcome(claim: Claim, result: Result) -> str:
    asked = [m for m in claim.measures if m.expect is not None]
    passed = sum(passes(m, result.values[m.name]) for m in asked)
    count = f"{passed} of {len(asked)} thresholds passed"
    if result.scale == "full":
        return f"{verdict(claim, result.values)} ({count})"
    return count


def headline(claim: Claim, result: Result) -> str:
    """Settings, seeds and device, and what came out, in one line."""
    device = result.device.partition("(")[2].rstrip(")") or result.device
    if result.device.startswith("cpu"):
        device = "CPU"
    return f"{NAMES[result.scale]}, {len(result.seeds)} seeds, {device}: {_outcome(claim, result)}"


def _rows(claim: Claim, result: Result) -> list[tuple[str, str]]:
    rows = []
    for measure in claim.measures:
        values = result.values[measure.name]
        effect = effect_text(measure, values)
        if measure.expect is not None:
            effect += " — passed" if passes(measure, values) else " — not passed"
        rows.append((measure.label, effect))
    return rows


def text(claim: Claim, result: Result) -> list[str]:
    """Lines of the plain card."""
    lines = textwrap.wrap(
        headline(claim, result), 88, initial_indent="  larger: ", subsequent_indent="    "
    )
    lines += textwrap.wrap(
        settings_text(claim, result), 88, initial_indent="    with ", subsequent_indent="    "
    )
    for label, effect in _rows(claim, result):
        lines += textwrap.wrap(
            f"{label}: {effect}", 96, initial_indent="    - ", subsequent_indent="      "
        )
    return lines


def section(claim: Claim, result: Result) -> str:
    """Part of the card in HTML: the headline, and the measures when it is opened."""
    rows = "".join(
        f"<dt>{escape(label)}</dt><dd>{escape(effect)}</dd>"
        for label, effect in _rows(claim, result)
    )
    return (
        f"<details><summary>{escape(headline(claim, result))}</summary>"
        f'<p class="ll-small">Differs from the quick settings in: '
        f"{escape(settings_text(claim, result))}. {result.seconds:.0f} s of computing, torch "
        f"{escape(result.versions['torch'])}. Again: <code>python -m lecturelib.claims run "
        f"{claim.id} --{result.scale} --device cuda</code></p><dl>{rows}</dl></details>"
    )
