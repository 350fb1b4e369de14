"""Every page, as every kind of reader meets it."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_page_is_clean(open_page, site_page, scheme, width):
    visit = open_page(site_page, scheme=scheme, width=width)
    assert visit.foreign == []
    assert visit.errors == []
    assert visit.axe() == []
    assert visit.overflow() <= 0
