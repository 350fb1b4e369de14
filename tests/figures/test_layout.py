"""Texts that lie over each other are found and set apart; a phone gets a layout of its own."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from lecturelib.figures import layout


def figure(width: float = 4.0, *, columns: int = 1, **options: object) -> Figure:
    fig = Figure(figsize=(width, 3.0), layout="constrained")
    fig.subplots(1, columns, **options)
    return fig


def labels(fig: Figure) -> list[str]:
    return [t.get_text() for t in fig.axes[0].get_xticklabels() if t.get_text()]


@pytest.mark.parametrize(
    ("angle", "gap", "met"),
    [(0, 0.05, True), (0, 0.5, False), (35, 0.05, True), (35, 0.2, False), (90, 0.2, False)],
)
def test_collisions_see_letters_and_not_the_boxes_of_slanted_lines(angle, gap, met) -> None:
    fig = figure()
    for at in (0.2, 0.2 + gap):
        fig.text(at, 0.2, "a long label", rotation=angle)
    assert bool(layout.illegible(fig).collisions) == met


def test_hidden_text_and_ticks_beyond_the_limits_collide_with_nothing() -> None:
    fig = figure()
    (ax,) = fig.axes
    ax.set_xticks([0, 1, 1.0001], ["zero", "one", "beyond"])
    ax.set_xlim(0, 1)
    ax.text(0, 0, "hidden", visible=False)
    ax.text(0, 0, "shown")
    assert layout.illegible(fig).collisions == []
    ax.set_xlim(0, 1.0001)
    assert layout.illegible(fig).collisions == [("one", "beyond")]


@pytest.mark.parametrize(("at", "seen"), [(0.1, True), (0.9, False), (-0.05, False)])
def test_a_text_that_leaves_the_canvas_is_found(at: float, seen: bool) -> None:
    fig = figure()
    fig.text(at, 0.2, "a long label")
    assert layout.illegible(fig).cut_off == ([] if seen else ["a long label"])


def test_the_label_of_a_hidden_panel_is_no_text_of_the_figure() -> None:
    fig = figure()
    (ax,) = fig.axes
    ax.set_ylabel("a label that is far too long for the height of this figure")
    assert len(layout.illegible(fig).cut_off) == 1
    ax.set_visible(False)
    assert not any(layout.illegible(fig))


def test_an_annotation_of_a_place_out_of_view_is_not_cut_off() -> None:
    fig = Figure(figsize=(4.0, 3.0))
    ax = fig.subplots()
    ax.annotate("not drawn", (40.0, 0.5), annotation_clip=True)
    ax.text(0.5, 0.5, "hidden beyond", visible=False)
    assert layout.illegible(fig).cut_off == []
    ax.annotate("drawn", (40.0, 0.5), annotation_clip=False)
    assert layout.illegible(fig).cut_off == ["drawn"]


def test_crowded_numbers_are_thinned_and_keep_their_places() -> None:
    fig = figure()
    (ax,) = fig.axes
    ax.set_xticks([i * 1000 for i in range(12)])
    layout.ease(fig)
    assert layout.illegible(fig).collisions == []
    assert labels(fig)[:2] == ["0", "2000"]
    assert len(ax.get_xticks()) == 12


def test_crowded_words_are_broken_into_lines_or_slanted_and_none_is_lost() -> None:
    names = ["without normalization", "with batch norm", "with layer norm", "with weight norm"]
    fig = figure()
    fig.axes[0].set_xticks(range(4), names)
    layout.ease(fig)
    assert layout.illegible(fig).collisions == []
    assert [" ".join(text.split()) for text in labels(fig)] == names
    single = figure()
    single.axes[0].set_xticks(range(6), [f"normalization{i}" for i in range(6)])
    layout.ease(single)
    assert layout.illegible(single).collisions == []
    assert len(labels(single)) == 6


def test_what_does_not_collide_stays_as_it_is() -> None:
    fig = figure()
    fig.axes[0].set_xticks(range(3), ["one", "two", "three"])
    layout.ease(fig)
    assert labels(fig) == ["one", "two", "three"]
    assert fig.axes[0].get_xticklabels()[0].get_rotation() == 0


def test_a_row_of_panels_becomes_a_column_on_a_phone() -> None:
    fig = figure(8.0, columns=2, sharey=True)
    fig.axes[0].set_ylabel("loss")
    narrow = layout.narrowed(fig)
    assert narrow is not None
    assert narrow.get_size_inches().tolist() == [layout.NARROW[0], 6.0]
    narrow.draw_without_rendering()
    upper, lower = (ax.get_position() for ax in narrow.axes)
    assert upper.y0 > lower.y1
    assert [ax.get_ylabel() for ax in narrow.axes] == ["loss", "loss"]
    # The figure itself is left alone.
    assert fig.get_size_inches().tolist() == [8.0, 3.0]
    assert fig.axes[1].get_ylabel() == ""


def test_small_panels_stay_side_by_side_and_narrow_figures_have_one_layout() -> None:
    many = layout.narrowed(figure(6.0, columns=4))
    assert many is not None
    assert many.get_size_inches().tolist() == [layout.NARROW[0], 3.0]
    assert layout.narrowed(figure(4.0)) is None


@pytest.mark.parametrize(("letters", "width"), [(40, 4.4), (56, 5.0), (90, None)])
def test_a_phone_gets_the_smallest_width_at_which_all_text_has_its_place(letters, width) -> None:
    fig = Figure(figsize=(8.0, 3.0))
    fig.text(0.0, 0.5, "x" * (letters // 2))
    fig.text(1.0, 0.5, "x" * (letters - letters // 2), ha="right")
    narrow = layout.narrowed(fig)
    assert (narrow and narrow.get_size_inches()[0]) == width


def test_a_figure_that_cannot_be_copied_has_one_layout() -> None:
    fig = figure(8.0)
    fig.axes[0].xaxis.set_major_formatter(lambda value, _: f"{value}")
    assert layout.narrowed(fig) is None
