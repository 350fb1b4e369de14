"""The one switch: where do interactive figures run?"""

from __future__ import annotations

import os
from typing import Literal, cast, get_args

VARIABLE = "LECTURELIB_EXPLORE"

Mode = Literal["live", "static", "off"]


def mode() -> Mode:
    """``live`` (in Jupyter and Colab), ``static`` (in the built book) or ``off`` (in tests).

    >>> mode() in ("live", "static", "off")
    True
    """
    value = os.environ.get(VARIABLE, "live")
    for known in get_args(Mode):
        if value == known:
            return cast(Mode, value)
    raise ValueError(f"{VARIABLE} is {value!r}; it must be live, static or off.")
