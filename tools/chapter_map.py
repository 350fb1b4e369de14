"""Draw which chapter builds on which: boxes in columns, lines in the room between them.

A line leaves its chapter to the right and runs in the gutter between two columns, and where it
passes a column, in the gap between two rows; so no line crosses a box. All lines of one chapter
share a track in each gutter and gap, which no other chapter's lines use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import combinations, pairwise

WIDTH, COLUMN, BOX = 1136, 226, 164
"""Widths: of the drawing, from column to column, of a box."""
HEIGHT, ROW, TOP, LEFT = 70, 98, 92, 20
"""Heights of a box and from row to row; where the first box begins."""
PORT, TURN = 14, 8
"""From line to line where several reach one box; the radius of a turn."""

Point = tuple[float, float]
Piece = tuple[Point, Point]


@dataclass(frozen=True)
class Place:
    """Column and row of a chapter."""

    column: int
    row: int

    @property
    def left(self) -> float:
        """The left edge of its box."""
        return LEFT + self.column * COLUMN

    @property
    def right(self) -> float:
        """The right edge of its box."""
        return self.left + BOX

    @property
    def top(self) -> float:
        """The upper edge of its box."""
        return TOP + self.row * ROW

    @property
    def middle(self) -> float:
        """Half the height of its box."""
        return self.top + HEIGHT / 2


@dataclass
class Routes:
    """The lines of a map.

    Args:
        places: each chapter's column and row.
        edges: pairs of chapters, the second of which builds on the first.
    """

    places: Mapping[str, Place]
    edges: Sequence[tuple[str, str]]
    tracks: dict[int, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._arrivals = {edge: self._arrival(*edge) for edge in self.edges}
        self._gaps = {edge: self._gap(*edge) for edge in self.edges if self._is_far(edge)}
        gutters = range(1 + max(place.column for place in self.places.values()))
        for gutter in gutters:
            users = {edge[0] for edge in self.edges if gutter in self._gutters(edge)}
            self.tracks[gutter] = [slug for slug in self.places if slug in users]
        for gutter in gutters:
            self._order(gutter)

    def _order(self, gutter: int) -> None:
        """Exchange tracks of a gutter, two at a time, as long as fewer lines cross by it."""
        order = self.tracks[gutter]
        fewest, better = self._crossings(gutter, order), True
        while better:
            better = False
            for a, b in combinations(range(len(order)), 2):
                other = [*order]
                other[a], other[b] = order[b], order[a]
                if (crossings := self._crossings(gutter, other)) < fewest:
                    order, fewest, better = other, crossings, True
        self.tracks[gutter] = order

    def line(self, source: str, target: str) -> list[Point]:
        """The corners of a line, from the right edge of a box to an edge of another."""
        start, end = self.places[source], self.places[target]
        arrival = self._arrivals[source, target]
        first = self._track(start.column, source)
        points = [(start.right, start.middle), (first, start.middle)]
        if self._is_far((source, target)):
            gap, last = self._gaps[source, target], self._track(end.column - 1, source)
            points += [(first, gap), (last, gap), (last, arrival)]
        else:
            points.append((first, arrival))
        points.append((end.right if end.column == start.column else end.left, arrival))
        return points

    # --- tracks ---------------------------------------------------------------------------------

    def _gutters(self, edge: tuple[str, str]) -> set[int]:
        """The gutters that a line runs in; gutter 0 is on the right of column 0."""
        start, end = (self.places[name].column for name in edge)
        return {start, max(start, end - 1)}

    def _is_far(self, edge: tuple[str, str]) -> bool:
        """Whether a line passes a column on its way."""
        start, end = (self.places[name].column for name in edge)
        return end > start + 1

    def _track(self, gutter: int, source: str, order: Sequence[str] = ()) -> float:
        order = order or self.tracks[gutter]
        left = LEFT + gutter * COLUMN + BOX
        return left + (COLUMN - BOX) * (1 + order.index(source)) / (1 + len(order))

    def _gap(self, source: str, target: str) -> float:
        """The height of a line's track between two rows, beside the target's row."""
        start, end = self.places[source], self.places[target]
        row = end.row - 1 if start.row < end.row else end.row
        users = [
            s
            for s in self.places
            if any(self._passes(s, t, row) for s_, t in self.edges if s_ == s)
        ]
        top = TOP + row * ROW + HEIGHT
        return top + (ROW - HEIGHT) * (1 + users.index(source)) / (1 + len(users))

    def _passes(self, source: str, target: str, row: int) -> bool:
        start, end = self.places[source], self.places[target]
        beside = end.row - 1 if start.row < end.row else end.row
        return end.column > start.column + 1 and beside == row

    def _arrival(self, source: str, target: str) -> float:
        """The height at which a line reaches its box, beside those that reach the same edge."""
        inside = self.places[source].column == self.places[target].column
        same = [
            s
            for s, t in self.edges
            if t == target and (self.places[s].column == self.places[t].column) == inside
        ]
        same.sort(key=lambda s: (self.places[s].row, self.places[s].column))
        middle = self.places[target].middle
        if not inside:
            return middle + PORT * (same.index(source) - (len(same) - 1) / 2)
        # Beside the line that leaves the middle of that edge, on the side that it comes from.
        above = [s for s in same if self.places[s].row < self.places[target].row]
        if source in above:
            return middle - PORT * (len(above) - above.index(source))
        return middle + PORT * (1 + same.index(source) - len(above))

    def _crossings(self, gutter: int, order: Sequence[str]) -> int:
        """How often lines cross in a gutter, if its tracks have this order; overlaps count more."""
        self.tracks[gutter] = list(order)
        pieces = [(edge[0], piece) for edge in self.edges for piece in self._pieces(edge, gutter)]
        crossings = overlaps = 0
        for (one, first), (other, second) in combinations(sorted(set(pieces)), 2):
            if one == other:
                continue
            if _level(first) != _level(second):
                crossings += _cross(first, second)
            else:
                overlaps += _overlap(first, second)
        return crossings + 100 * overlaps

    def _pieces(self, edge: tuple[str, str], gutter: int) -> Iterator[Piece]:
        """The straight pieces of a line that lie in a gutter."""
        left, right = LEFT + gutter * COLUMN + BOX, LEFT + (gutter + 1) * COLUMN
        if gutter not in self._gutters(edge):
            return
        points = self.line(*edge)
        for (x0, y0), (x1, y1) in pairwise(points):
            a, b = max(left, min(x0, x1)), min(right, max(x0, x1))
            if a <= b and (x0, y0) != (x1, y1):
                yield (a, min(y0, y1)), (b, max(y0, y1))


def _level(piece: Piece) -> bool:
    return piece[0][1] == piece[1][1]


def _cross(one: Piece, other: Piece) -> bool:
    """Whether a level and an upright piece meet, other than at their ends."""
    level, upright = (one, other) if _level(one) else (other, one)
    return level[0][0] < upright[0][0] < level[1][0] and upright[0][1] < level[0][1] < upright[1][1]


def _overlap(one: Piece, other: Piece) -> bool:
    """Whether two pieces of the same direction have more than a point in common."""
    along = 0 if _level(one) else 1
    return one[0][1 - along] == other[0][1 - along] and max(one[0][along], other[0][along]) < min(
        one[1][along], other[1][along]
    )


# --- the drawing ----------------------------------------------------------------------------------


def draw(
    parts: Mapping[str, Sequence[str]],
    titles: Mapping[str, str],
    builds_on: Mapping[str, Sequence[str]],
    link: Callable[[str], str] | None = None,
) -> str:
    """The map as SVG, on a white ground that suits both colour modes.

    Args:
        parts: the chapters of each part, in order; those without a title are left out.
        titles: the title of each chapter.
        builds_on: the chapters that each one builds on.
        link: the address of a chapter; without it the boxes are no links.
    """
    places = {
        slug: Place(column, row)
        for column, part in enumerate(parts.values())
        for row, slug in enumerate(part)
        if slug in titles
    }
    edges = [(s, t) for t, needs in builds_on.items() for s in needs if {s, t} <= set(places)]
    routes = Routes(places, edges)
    height = max(place.top for place in places.values()) + HEIGHT + 16
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
        f'role="{"group" if link else "img"}" class="chapter-map" '
        'font-family="Arial, sans-serif" font-size="17">',
        "<title>Which chapter builds on which</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path class="tip" d="M0 0L8 4L0 8z" fill="#8a5a00"/>'
        "</marker></defs>",
        f'<rect class="ground" width="{WIDTH}" height="{height:g}" fill="#fff" rx="8"/>',
    ]
    for column, name in enumerate(parts):
        shapes += _words(name, LEFT + column * COLUMN + BOX / 2, 44, "part", "#333", bold=True)
    shapes += [_path(routes.line(source, target)) for source, target in edges]
    for slug, place in places.items():
        box = [
            f'<rect class="box" x="{place.left:g}" y="{place.top:g}" width="{BOX}" '
            f'height="{HEIGHT}" rx="6" fill="#eef4fb" stroke="#1f5fa8"/>'
        ]
        box += _words(titles[slug], place.left + BOX / 2, place.middle + 6, "name", "#12365f")
        shapes += [f'<a href="{link(slug)}">', *box, "</a>"] if link else box
    return "\n".join([*shapes, "</svg>"]) + "\n"


def _words(
    text: str, x: float, y: float, kind: str, color: str, *, bold: bool = False
) -> list[str]:
    """A line of text, or several where it is long, about the height ``y``."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= 15:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    weight = ' font-weight="bold"' if bold else ""
    first = y - 10 * (len(lines) - 1)
    return [
        f'<text class="{kind}" x="{x:g}" y="{first + 20 * i:g}" text-anchor="middle" '
        f'fill="{color}"{weight}>{escape(line)}</text>'
        for i, line in enumerate(lines)
    ]


def _path(points: Sequence[Point]) -> str:
    """A line through the points, with round turns and an arrow at its end."""
    points = [p for i, p in enumerate(points) if not i or p != points[i - 1]]
    parts = ["M{:g} {:g}".format(*points[0])]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        enter, leave = _towards(corner, before), _towards(corner, after)
        parts.append("L{:g} {:g}Q{:g} {:g} {:g} {:g}".format(*enter, *corner, *leave))
    parts.append("L{:g} {:g}".format(*points[-1]))
    look = 'fill="none" stroke="#8a5a00" stroke-width="1.8" marker-end="url(#tip)"'
    return f'<path class="line" d="{"".join(parts)}" {look}/>'


def _towards(corner: Point, other: Point) -> Point:
    """The point on the way from a corner to another at which a turn begins."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = abs(dx) + abs(dy)
    part = min(TURN, length / 2) / length
    return round(corner[0] + part * dx, 2), round(corner[1] + part * dy, 2)
