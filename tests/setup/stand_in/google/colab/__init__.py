"""Stands in for Colab's module of this name: what lecturelib and anywidget see of it.

Colab's kernel loads it as an extension when it starts, and imports ipywidgets then, so that an
upgrade on disk leaves the old ipywidgets in memory.
"""

import ipywidgets  # noqa: F401
from google.colab import output  # noqa: F401


def load_ipython_extension(shell):
    """What IPython calls; the stand-in changes nothing in the shell."""
