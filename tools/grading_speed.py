"""Measure what grading a class costs, beside plain nbgrader: CPU seconds a submission.

    python -m tools.grading_speed                                   ten submissions
    python -m tools.grading_speed --class-size 40 --exercises backprop-softmax optimizers-adam

A course is made in an empty folder and its assignment released, as an instructor does. Each student
hands in the solutions. Then `python -m lecturelib.grading grade` (in the sandbox, one worker) and
`nbgrader autograde` (with no sandbox) grade the same notebooks. Times are those that the command
and all its processes spent on the processor.
"""

from __future__ import annotations

import argparse
import os
import sys
import sysconfig
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil

from lecturelib.grading import masters
from tools.course import ROOT

EXERCISES = ("backprop-softmax", "backprop-diagnose", "optimizers-adam")
LOOK = 0.02
"""Seconds between two looks at the processes, and the most that is missed of each."""
COURSE = """\
name = "Speed"
masters = "{masters}"
secret = "a secret"
timezone = "UTC"

[[assignments]]
name = "speed"
title = "Speed"
due = 2027-04-12 23:59:00
exercises = {exercises}
"""


def main(arguments: list[str] | None = None) -> int:
    """Print one line for each of the two."""
    parser = argparse.ArgumentParser(prog="python -m tools.grading_speed", description=__doc__)
    parser.add_argument("--class-size", type=int, default=10, help="submissions, default: 10")
    parser.add_argument("--exercises", nargs="+", default=EXERCISES, metavar="NAME")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="speed-", dir=Path.home()) as name:
        folder = Path(name)
        prepare(folder, given.class_size, given.exercises)
        ours = [sys.executable, "-m", "lecturelib.grading", "grade", "speed", "--workers", "1"]
        theirs = [sys.executable, "-m", "nbgrader", "autograde", "speed", "--force"]
        for title, command in {"lecturelib.grading": ours, "nbgrader": theirs}.items():
            seconds = cpu_seconds(command, folder)
            print(f"{title:20}{seconds:8.1f} s of CPU, {seconds / given.class_size:.2f} each")
    return 0


def prepare(folder: Path, class_size: int, exercises: list[str]) -> None:
    """A course whose assignment was released, and handed in by everyone."""
    names = [f"s{i:03}" for i in range(class_size)]
    quoted = "[" + ", ".join(f'"{exercise}"' for exercise in exercises) + "]"
    course = COURSE.format(masters=ROOT / "book" / "exercises", exercises=quoted)
    (folder / "course.toml").write_text(course, encoding="utf-8")
    rows = "".join(f"{n},First{n},Last{n},{n}@example.org,,\n" for n in names)
    head = "id,first_name,last_name,email,canvas_id,moodle_id\n"
    (folder / "students.csv").write_text(head + rows, encoding="utf-8")
    cpu_seconds([sys.executable, "-m", "lecturelib.grading", "release"], folder)
    solved = nbformat.read(folder / "source" / "speed" / "speed.ipynb", as_version=4)
    released = nbformat.read(folder / "release" / "speed" / "speed.ipynb", as_version=4)
    solutions = {cell.id: masters.with_solution(cell.source) for cell in solved.cells}
    for cell in released.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = solutions[cell.id]
    incoming = folder / "incoming"
    incoming.mkdir()
    text = nbformat.writes(released)
    for name in names:
        own = text.replace('KEY = \\"\\"', f'KEY = \\"{name}\\"')
        (incoming / f"{name}.ipynb").write_text(own, encoding="utf-8")
    collect = [sys.executable, "-m", "lecturelib.grading", "collect", "speed", str(incoming)]
    cpu_seconds(collect, folder)


def cpu_seconds(command: list[str], folder: Path) -> float:
    """Run a command in a folder; the CPU seconds of its processes, or an error with its words.

    They are looked at while they run: a sandbox that is killed tells nobody what it has used.
    """
    scripts = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": scripts, "OMP_NUM_THREADS": "1"}
    used: dict[psutil.Process, float] = {}
    with tempfile.TemporaryFile("w+") as said:
        started = psutil.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
        while started.poll() is None:
            with suppress(psutil.NoSuchProcess):
                for process in (started, *started.children(recursive=True)):
                    with suppress(psutil.NoSuchProcess):
                        times = process.cpu_times()
                        used[process] = times.user + times.system
            time.sleep(LOOK)
        if started.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed:\n{said.read()}")
    return sum(used.values())


if __name__ == "__main__":
    raise SystemExit(main())
