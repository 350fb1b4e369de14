"""The numbers of ``loss_plane.walk`` in less time; without this folder they stay what they are.

- ``choice``: which way is taken, ``choose``.
- ``recorded``: several points at once by rules of our own, their calls made again from a tape:
  ``points`` are the tensors, ``rules`` the functions that they know, by ``layer_rules`` and
  ``pointwise_rules``, ``tape`` the calls; ``not_covered`` is what a way says that can't do it.
- ``vectorized``: several points at once by ``torch.vmap``.
- ``shortcuts``: one point at a time, without what is known from another point, and with the
  ``max_pooling`` that needs no indices.
"""

from . import rules  # fills the table of ``points``
from .choice import Way, choose
from .shortcuts import Shortcuts

__all__ = ["Shortcuts", "Way", "choose", "rules"]
