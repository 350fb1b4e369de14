"""The encoder: applying the slots to the template gives back every frame, in any order."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lecturelib.interactive.delta import decode, encode, payload
from lecturelib.interactive.frames import draw
from lecturelib.interactive.svg import Node, normalise
from tests.interactive.families import Family, Look, families


def flatten(markup: str) -> list:
    """What the markup draws: a group without attributes draws nothing itself, its contents do."""

    def content(element: ElementTree.Element) -> list:
        inner = [element.text] if element.text else []
        for child in element:
            inner += content(child)
        if element.tag == "g" and not element.attrib:
            return inner
        return [(element.tag, sorted(element.attrib.items()), inner)]

    return content(ElementTree.fromstring(markup))


def draw_family(looks: list[Look]) -> list[Node]:
    svgs = [draw(Family(looks), {"n": n})[0].decode() for n in range(len(looks))]
    return normalise(svgs, "p")[1]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(families, st.data())
def test_every_frame_of_a_random_family_comes_back(looks, data):
    frames = draw_family(looks)
    shown = data.draw(st.integers(0, len(frames) - 1))
    template, slots = encode(frames, shown)
    assert flatten(template.markup()) == flatten(frames[shown].markup())
    for k, frame in enumerate(frames):
        assert flatten(decode(template, slots, k)) == flatten(frame.markup())


# Small trees are quick, so that many shapes of them can be tried.
names = st.sampled_from(["tick", "line", "text", ""])
trees = st.recursive(
    st.builds(
        lambda name, d: Node("path", {"d": d} if d else {}, key=f"path:{name}"),
        names,
        st.sampled_from(["", "M0 0", "M1 1"]),
    ),
    lambda below: st.builds(
        lambda name, children, text, style: Node(
            "g", {"style": style} if style else {}, children, text, key=f"g:{name}"
        ),
        names,
        st.lists(below, max_size=4),
        st.sampled_from(["", "a&b"]),
        st.sampled_from(["", "fill:none"]),
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(trees, max_size=3), min_size=1, max_size=5), st.data())
def test_every_frame_of_random_trees_comes_back(many, data):
    frames = [Node("svg", {}, children) for children in many]
    shown = data.draw(st.integers(0, len(frames) - 1))
    template, slots = encode(frames, shown)
    for k, frame in enumerate(frames):
        assert flatten(decode(template, slots, k)) == flatten(frame.markup())


def test_equal_frames_need_no_slot():
    look = Look(lines=2, legend=True)
    assert encode(draw_family([look, look]))[1] == []


def test_only_what_changes_is_stored():
    frames = draw_family([Look(title="n = 1"), Look(title="n = 2"), Look(title="n = 3")])
    _, slots = encode(frames)
    assert all(len(json.dumps(payload(slots))) < len(f.markup()) / 10 for f in frames)


def test_a_line_that_comes_and_goes_does_not_move_the_others():
    frames = draw_family([Look(lines=n, seed=1, legend=False) for n in (1, 2, 3)])
    slots = encode(frames)[1]
    # The two extra lines, and nothing of the first one or of the axes.
    assert [slot.name for slot in slots] == ["", ""]
    assert [slot.values[0] for slot in slots] == ["", ""]


def test_slots_that_move_alike_share_their_choices():
    frames = [Node("g", {"a": str(k), "b": str(-k), "c": str(k // 2)}) for k in range(4)]
    data = payload(encode(frames)[1])
    assert data["choices"] == [[0, 1, 2, 3], [0, 0, 1, 1]]
    assert [row[3] for row in data["slots"]] == [0, 0, 1]
