"""The map of the chapters: its lines keep to the room between the boxes, and to themselves."""

from __future__ import annotations

from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from lecturelib.contents import PARTS
from tools import study_plans
from tools.chapter_map import BOX, HEIGHT, Place, Routes, draw

COLUMNS = {
    "A": ("a0", "a1", "a2"),
    "B": ("b0", "b1", "b2"),
    "C": ("c0", "c1", "c2"),
}
DENSE = {
    "a1": ("a0",),
    "a2": ("a0", "a1"),
    "b0": ("a2", "a1"),
    "b2": ("b0", "a0"),
    "c0": ("a2", "a1", "b2"),
    "c1": ("a0", "b0", "b1", "c0"),
    "c2": ("a0", "a1", "a2", "b0", "c0"),
}


def routes(parts, builds_on):
    places = {
        slug: Place(column, row)
        for column, part in enumerate(parts.values())
        for row, slug in enumerate(part)
    }
    edges = [(s, t) for t, needs in builds_on.items() for s in needs]
    return Routes(places, edges)


@pytest.fixture(
    scope="module",
    params=[(PARTS, study_plans.direct(study_plans.heads())), (COLUMNS, DENSE)],
    ids=["the course", "a dense one"],
)
def drawn(request):
    """The routes of a map and their lines, by edge."""
    found = routes(*request.param)
    return found, {edge: found.line(*edge) for edge in found.edges}


def pieces(points):
    return [(min(a, b), max(a, b)) for a, b in pairwise(points) if a != b]


def test_no_line_crosses_a_box(drawn):
    found, lines = drawn
    for edge, points in lines.items():
        for (x0, y0), (x1, y1) in pieces(points):
            assert x0 == x1 or y0 == y1, edge
            for slug, place in found.places.items():
                beside = x1 <= place.left or x0 >= place.left + BOX
                apart = max(y0, y1) <= place.top or min(y0, y1) >= place.top + HEIGHT
                assert beside or apart, (edge, slug)


def test_each_line_leads_from_the_edge_of_a_box_to_the_edge_of_another(drawn):
    found, lines = drawn
    for (source, target), points in lines.items():
        start, end = found.places[source], found.places[target]
        assert points[0] == (start.right, start.middle)
        same_column = start.column == end.column
        assert points[-1][0] == (end.right if same_column else end.left)
        assert end.top < points[-1][1] < end.top + HEIGHT


def test_lines_of_two_chapters_never_lie_on_each_other(drawn):
    _, lines = drawn
    for (one, first), (other, second) in combinations(lines.items(), 2):
        if one[0] == other[0]:
            continue
        for (a0, b0), (a1, b1) in ((p, q) for p in pieces(first) for q in pieces(second)):
            for along in (0, 1):
                across = 1 - along
                level = a0[across] == b0[across] == a1[across] == b1[across]
                shared = min(b0[along], b1[along]) - max(a0[along], a1[along])
                assert not (level and shared > 0), (one, other)


def test_boxes_are_links_where_addresses_are_given():
    titles = {slug: slug.upper() for part in COLUMNS.values() for slug in part}
    space = "{http://www.w3.org/2000/svg}"
    picture = ElementTree.fromstring(draw(COLUMNS, titles, DENSE))
    assert picture.get("role") == "img"
    assert picture.findall(f"{space}a") == []
    page = ElementTree.fromstring(draw(COLUMNS, titles, DENSE, lambda slug: f"{slug}.html"))
    links = page.findall(f"{space}a")
    assert [link.get("href") for link in links] == [f"{slug}.html" for slug in titles]
    assert [link.findtext(f"{space}text") for link in links] == list(titles.values())


def test_a_chapter_without_a_title_is_left_out():
    titles = {"a0": "A0", "b0": "B0"}
    picture = ElementTree.fromstring(draw(COLUMNS, titles, {"b0": ("a0", "a2")}))
    space = "{http://www.w3.org/2000/svg}"
    assert len(picture.findall(f"{space}path")) == 1
    assert len(picture.findall(f"{space}rect")) == 3
