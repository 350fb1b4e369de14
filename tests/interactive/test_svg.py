"""The normaliser: what it takes out, and that the picture stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.interactive.frames import draw
from lecturelib.interactive.svg import Node, hundredths, normalise, parse, shorten_path
from tests.interactive.families import Family, Look

coordinates = st.floats(-900, 900, allow_nan=False)
points = st.tuples(coordinates, coordinates)


@given(st.integers(-(10**7), 10**7))
def test_hundredths_is_the_number(value):
    assert round(float(hundredths(value)) * 100) == value
    assert not hundredths(value).startswith(("0.", "-0"))


def absolute_points(path: str) -> list[tuple[float, float]]:
    """Read a path as SVG says: relative letters step from where the last command ended."""
    found, here, start = [], (0.0, 0.0), (0.0, 0.0)
    for letter, body in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        numbers = [float(v) for v in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", body)]
        if letter in "zZ":
            here = start
            continue
        size = {"m": 2, "l": 2, "q": 4, "c": 6}[letter.lower()]
        for i in range(0, len(numbers), size):
            pairs = list(zip(numbers[i : i + size : 2], numbers[i + 1 : i + size : 2], strict=True))
            if letter.islower():
                pairs = [(x + here[0], y + here[1]) for x, y in pairs]
            found += pairs
            here = pairs[-1]
            start = here if letter in "mM" else start
    return found


@given(st.lists(st.tuples(st.sampled_from("MLQC"), points, points, points), min_size=1), points)
def test_shortened_path_goes_through_the_same_points(commands, first):
    parts, expected = [f"M {first[0]} {first[1]}"], [first]
    for letter, *three in commands:
        chosen = three[: {"M": 1, "L": 1, "Q": 2, "C": 3}[letter]]
        parts.append(letter + " " + " ".join(f"{x} {y}" for x, y in chosen))
        expected += chosen
        if letter == "C":
            parts.append("z")
            parts.append(f"M {first[0]} {first[1]}")
            expected.append(first)
    found = absolute_points(shorten_path(" \n".join(parts)))
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        # Half a hundredth, however long the line: rounding does not add up.
        assert a == pytest.approx(b, abs=0.0051)


def test_line_after_closing_starts_at_the_subpath_start():
    assert shorten_path("M 1 1 L 5 5 z L 2 2") == "M1 1l4 4zl1 1"


def test_unknown_path_commands_are_kept():
    assert shorten_path("M 0 0\nA 1 1 0 0 1 2 2") == "M 0 0 A 1 1 0 0 1 2 2"


def test_nothing_of_the_frame_reaches_outside_of_it():
    svg = draw(Family([Look(lines=2, points=5, image=3, hatch="//", bars=2)]), {"n": 0})[0].decode()
    definitions, (frame,) = normalise([svg], "p")
    markup = definitions.markup() + frame.markup()
    assert "<style" not in markup
    assert "metadata" not in markup
    assert "xlink" not in markup
    ids = re.findall(r' id="([^"]+)"', markup)
    assert ids
    assert all(i.startswith("p-") for i in ids)
    assert len(set(ids)) == len(ids)
    targets = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', markup)
    assert {a or b for a, b in targets} <= set(ids)
    assert "stroke-linejoin:round" in frame.attributes["style"]


def test_equal_definitions_are_held_once():
    svg = draw(Family([Look(lines=1)]), {"n": 0})[0].decode()
    one, _ = normalise([svg], "p")
    two, _ = normalise([svg, svg], "p")
    assert one.markup() == two.markup()


def test_definitions_that_point_at_others_keep_their_targets():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9pt" height="9pt"><defs>'
        '<pattern id="a" width="5.004" height="9"><use href="#b"/></pattern>'
        '<path id="b" d="M 0 0 L 1 1"/></defs>'
        '<path d="M 0 0" style="fill: url(#a); stroke: url(#gone)"/></svg>'
    )
    definitions, (frame,) = normalise([svg], "p")
    by_id = {node.attributes["id"]: node for node in definitions.children}
    pattern = re.search(r"fill:url\(#(.+?)\);stroke:url\(#gone\)", frame.markup())
    assert pattern is not None
    inner = by_id[pattern[1]].children[0].attributes["href"]
    assert by_id[inner[1:]].tag == "path"
    assert by_id[pattern[1]].attributes["width"] == "5"


def test_numbers_with_units_and_without():
    node = parse(
        '<svg viewBox="0 0 9.001 9" width="432.006pt" height="10%"><text>a&lt;b</text></svg>'
    )
    assert node.attributes["viewBox"] == "0 0 9 9"
    assert node.attributes["width"] == "432.01pt"
    assert node.children[0].markup() == "<text>a&lt;b</text>"


def test_markup_escapes():
    assert Node("g", {"t": 'a"<'}, text="<").markup() == '<g t="a&quot;&lt;">&lt;</g>'
