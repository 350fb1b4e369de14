"""Drawing the frames of a figure: on all processors when that pays."""

from __future__ import annotations

import io
import pickle
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lecturelib.figures.formulas import one_reader_of_formulas
from lecturelib.interactive.cache import FrameCache
from lecturelib.interactive.parameters import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FigureFunction = Callable[..., Any]

DOTS_PER_INCH = 144
"""Of raster frames: two device pixels to a CSS pixel at matplotlib's usual size."""

# Worker processes take about this many seconds to start, as each imports torch and matplotlib.
# (Threads don't help: matplotlib holds the interpreter's lock and is not safe in threads.)
_WORKER_START = 3.0


def figures_of(function: FigureFunction, values: Mapping[str, Any]) -> list[Figure]:
    """Call the figure function and check that it gives figures."""
    from matplotlib.figure import Figure

    result = function(**values)
    figures = list(result) if isinstance(result, list | tuple) else [result]
    for figure in figures:
        if not isinstance(figure, Figure):
            raise TypeError(
                f"explore: {name_of(function)} must return a matplotlib Figure, or a list of them; "
                f"it returned {type(figure).__name__} for {dict(values)}."
            )
    if not figures:
        raise TypeError(f"explore: {name_of(function)} returned no figure for {dict(values)}.")
    return figures


def draw(function: FigureFunction, values: Mapping[str, Any], kind: str = "svg") -> list[bytes]:
    """The figures of one frame as files of ``kind`` ("svg" or "png"), the same bytes each time."""
    import matplotlib
    from matplotlib import pyplot

    open_before = set(pyplot.get_fignums())
    # Text as outlines: the reader's machine may lack the font, and the layout depends on it.
    outlines = matplotlib.rc_context({"svg.hashsalt": "lecturelib", "svg.fonttype": "path"})
    with outlines, one_reader_of_formulas():
        try:
            files = []
            for figure in figures_of(function, values):
                file = io.BytesIO()
                if kind == "svg":
                    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
                    figure.savefig(file, format="svg", metadata=nothing)
                else:
                    nothing = {"Software": None}
                    figure.savefig(file, format="png", dpi=DOTS_PER_INCH, metadata=nothing)
                files.append(file.getvalue())
            return files
        finally:
            for number in set(pyplot.get_fignums()) - open_before:
                pyplot.close(number)  # or the notebook would show it once more


def frames(
    function: FigureFunction, many: Sequence[Mapping[str, Any]], kind: str = "svg"
) -> list[list[bytes]]:
    """The files of every frame, from the cache where they are there.

    Two missing frames are drawn here. The first loads fonts and the like; the time of the second
    tells whether processes pay for the rest. ``LOKY_MAX_CPU_COUNT`` limits their number.
    """
    from joblib import cpu_count

    settings = changed_settings()
    store = FrameCache.of(function, kind, settings)
    result = [store.get(values) for values in many]
    missing = [i for i, files in enumerate(result) if files is None]
    if missing:
        for i in missing[:2]:
            began = time.perf_counter()
            result[i] = draw(function, many[i], kind)
            seconds = time.perf_counter() - began
        workers, rest = cpu_count(), missing[2:]
        values = [many[i] for i in rest]
        if seconds * len(rest) * (1 - 1 / workers) > _WORKER_START:
            drawn = _in_processes(function, values, kind, settings, workers)
        else:
            drawn = (draw(function, v, kind) for v in values)
        for i, files in zip(rest, drawn, strict=True):
            result[i] = files
        for i in missing:
            store.put(many[i], result[i] or [])
    done = [files for files in result if files is not None]
    if len({len(files) for files in done}) > 1:
        raise ValueError(
            f"explore: {name_of(function)} must return equally many figures for all values."
        )
    return done


def changed_settings() -> dict[str, Any]:
    """Matplotlib's settings where they differ from its defaults, for workers and cache keys."""
    import matplotlib

    default = matplotlib.rcParamsDefault
    own = {"backend", "backend_fallback", "interactive"}  # of the process, not of the picture
    return {
        name: matplotlib.rcParams[name]
        for name in sorted(set(default) - own)
        if matplotlib.rcParams[name] != default[name]
    }


def _in_worker(
    function: FigureFunction, values: Mapping[str, Any], kind: str, settings: Any
) -> list[bytes]:
    import matplotlib

    matplotlib.use("Agg")
    with matplotlib.rc_context(settings):
        return draw(function, values, kind)


def _in_processes(
    function: FigureFunction,
    many: Sequence[Mapping[str, Any]],
    kind: str,
    settings: Any,
    workers: int,
) -> Iterator[list[bytes]]:
    import cloudpickle
    from joblib import Parallel, delayed

    try:
        cloudpickle.dumps((function, many))
    except (pickle.PicklingError, TypeError, AttributeError):  # for example a lock or a generator
        return (draw(function, values, kind) for values in many)
    task = delayed(_in_worker)
    # Threads of the workers' own would only fight for the processors.
    parallel = Parallel(n_jobs=workers, backend="loky", inner_max_num_threads=1)
    return iter(parallel(task(function, values, kind, settings) for values in many))
