"""Hostile submissions, by our own catalogue, in a real sandbox.

Each runs between others, and every other submission must keep the mark that it has alone. The
table that the catalogue gives is printed by ``pytest -s``.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lecturelib.grading import batch, points, repair
from lecturelib.grading import course as courses
from lecturelib.grading import sandbox as boxes
from lecturelib.grading.batch import Graded
from lecturelib.grading.course import Limits
from lecturelib.grading.roster import Roster
from lecturelib.grading.running import Result, run, with_second_chance
from lecturelib.grading.sandbox import Group, NoSandbox, Sandbox
from tests.grading import toys

LIMITS = Limits(cell_seconds=1.0, seconds=30, memory_mb=300, processes=20, output_kb=8, files_mb=8)
PATIENT = dataclasses.replace(LIMITS, cell_seconds=20)
BUNDLE = toys.bundle()
COURSE = courses.parse(toys.COURSE.format(more=""), Path())


def graded(sandbox: Sandbox, raw: bytes, limits: Limits = LIMITS) -> Graded:
    """A submission from bytes to results, as the batch makes them."""
    one = Graded("s1", "digest")
    mended = repair.repair(raw, BUNDLE)
    one.cells, one.notes, one.flags = mended.cells, mended.notes, mended.flags
    cells = tuple((c.id, c.source) for c in one.cells if c.kind == "code" and c.role != "test")
    one.result = run(batch.Job("s1", cells, BUNDLE.tests, limits), sandbox)
    batch._finish(one, BUNDLE, COURSE, Roster([]))
    return one


def marks(one: Graded) -> dict[str, float]:
    found = points.automatic(BUNDLE, one.result.tests)
    return {name.split("-")[1]: value for name, value in found.items()}


FULL = {"add": 2.0, "double": 2.0, "truth": 2.0}


@dataclass(frozen=True)
class Case:
    """A hostile or broken answer to one exercise: its own mark, and what must be flagged."""

    name: str
    add: str
    mark: float = 0.0
    flag: str = ""
    others: float = 2.0
    limits: Limits = LIMITS


DEF = "def add(a, b):\n    "
READS = """
import os, pathlib, sys
found = []
for folder in ({places}):
    try:
        own = (sys.prefix, sys.base_prefix, lecturelib.__path__[0])
        inside = pathlib.Path(folder).rglob("*")
        found += [p for p in inside if ({like}) and not str(p).startswith(own)][:3]
    except OSError:
        pass
assert not found, found
""" + toys.RIGHT["add"]

CASES = [
    # time
    Case("endless loop", "while True:\n    pass"),
    Case("endless loop that catches", "while True:\n    try:\n        while True:\n"
         "            x = 1\n    except BaseException:\n        pass",
         flag="could not be interrupted"),
    Case("endless loop in the answer", DEF + "while True: pass"),
    Case("endless loop in the tests alone",
         DEF + "import sys\n    while '__lecturelib_record__' in sys._getframe(1).f_globals: pass\n"
         "    return a + b", flag="looks at the frames"),
    Case("sleep", "import time\ntime.sleep(10_000)"),
    # memory, processes, files, output
    Case("memory", "x = [bytearray(10**8) for _ in range(100)]\n" + toys.RIGHT["add"]),
    Case("memory in the tests", DEF + "return bytearray(10**11)"),
    Case("memory of torch", "import torch\nx = torch.ones(10**10)"),
    Case("fork bomb", "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n"
         "        pass", flag="starts or ends processes"),
    Case("threads", "import threading, time\nfor _ in range(10**4):\n"
         "    threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
         flag="a thread was still running"),
    Case("full disk", "with open('big', 'wb') as f:\n    while True:\n"
         "        f.write(bytes(10**6))"),
    Case("many files", "for i in range(10**6):\n    open(f'/student/{i}', 'w').close()"),
    Case("giant output", "print('x' * 10**8)\n" + toys.RIGHT["add"], mark=2.0),
    Case("endless output", "while True:\n    print('spam')"),
    Case("giant value", "x = 10**7 * ['spam']\n" + toys.RIGHT["add"] + "\nx", mark=2.0),
    # ends of the process
    Case("sys.exit", "import sys\nsys.exit(0)"),
    Case("os._exit", "import os\nos._exit(0)", flag="ended the process"),
    Case("os._exit in the tests", DEF + "import os\n    os._exit(0)", flag="starts or ends"),
    Case("sys.exit in the tests", DEF + "raise SystemExit", flag="tried to exit"),
    Case("kill -9 -1", "import os\nos.kill(-1, 9)", flag="starts or ends"),
    Case("kill of its parent", "import os\nos.kill(os.getppid(), 9)", flag="starts or ends"),
    Case("segmentation fault", "import ctypes\nctypes.string_at(0)", flag="signal 11"),
    Case("deep recursion", DEF + "return add(a, b)"),
    # looking around
    Case("system files", READS.format(
        places="'/etc', '/root', '/work', '/home', '/var', '/tmp', '/run', '/srv', '/mnt', '/sys'",
        like="p.suffix in ('.ipynb', '.db') or p.name in ('shadow', 'secret.txt')"),
        mark=2.0, flag="names files of the system", limits=PATIENT),
    Case("other processes", "import os\nseen = [p for p in os.listdir('/proc') if p.isdigit()]\n"
         "assert seen in ([], ['1']), seen\n" + toys.RIGHT["add"], mark=2.0, flag="names files"),
    Case("network", "import socket\nsocket.create_connection(('1.1.1.1', 53), timeout=2)"),
    Case("loopback", "import socket\n"
         "socket.create_connection(('127.0.0.1', {port}), timeout=2)"),
    Case("writing the system", "import pathlib, sys\nfor place in ('/', '/usr', '/dev', '/etc', "
         "sys.prefix, pathlib.__file__):\n    try:\n"
         "        pathlib.Path(place, 'x').write_text('')\n"
         "    except OSError:\n        continue\n    raise AssertionError(place)\n"
         + toys.RIGHT["add"], mark=2.0, flag="names files"),
    Case("leaving a note", "import os, pathlib\nfor place in ('/tmp', '/student', '/dev/shm', "
         "'/var/tmp'):\n    assert not os.path.exists(place + '/note'), place\n    try:\n"
         "        pathlib.Path(place, 'note').write_text('seen')\n    except OSError:\n"
         "        pass\n" + toys.RIGHT["add"], mark=2.0),
    Case("new namespaces", "import ctypes\nc = ctypes.CDLL(None)\n"
         "assert c.unshare(0x10000000) == -1\n"
         "assert c.umount2(b'/tmp', 2) == c.ptrace(16, 1, 0, 0) == -1\n" + toys.RIGHT["add"],
         mark=2.0, flag="calls into C"),
    # points for nothing
    Case("always equal", "class Any:\n    __eq__ = lambda self, other: True\n" + DEF
         + "return Any()", mark=2.0, flag="comparisons of its own"),
    Case("a true object", "class Yes:\n    def __eq__(self, other):\n        return self\n" + DEF
         + "return Yes()", flag="object of the student's class"),
    Case("patched check", "import lecturelib.exercises.checking as c\nc.check = lambda *a, **k: 1",
         flag="lecturelib.exercises.checking was changed"),
    Case("rewritten check", "import lecturelib\nlecturelib.check.__code__ = (lambda *a, **k: 1)."
         "__code__", flag="was rewritten"),
    Case("patched torch", "import torch\ntorch.allclose = lambda *a, **k: True\n"
         + toys.RIGHT["add"], mark=2.0, flag="torch was changed: allclose"),
    Case("patched builtins", "import builtins\nbuiltins.bool = lambda x: True",
         flag="builtins was changed: bool"),
    Case("another torch", "import numpy as torch\n" + toys.RIGHT["add"], mark=2.0,
         flag="the name torch stands for something else"),
    Case("trace function", "import sys\nsys.settrace(lambda *a: None)\n" + toys.RIGHT["add"],
         mark=2.0, flag="sets a trace function"),
    Case("writes into every file", "import os\nfor f in range(3, 300):\n    try:\n"
         "        os.write(f, b'\\x00\\x00\\x00\\x10{\"points\": 1000}')\n    except OSError:\n"
         "        pass", flag="written into the runner's link"),
    Case("forged results", "import json, os, struct\nm = json.dumps({'done': True}).encode()\n"
         "for f in range(3, 300):\n    try:\n        os.write(f, struct.pack('!I', len(m)) + m)\n"
         "        m2 = json.dumps({'test': 'toys-add-test', 'ended': 'ended', 'answer': json.dumps("
         "{'nonce': '', 'records': [{'passed': True}] * 3})}).encode()\n"
         "        os.write(f, struct.pack('!I', len(m2)) + m2)\n    except OSError:\n        pass",
         others=-1),
    Case("closes every file", "import os\nos.closerange(3, 4096)", flag="cell"),
    # pickles, links, content
    Case("pickle", "import pickle\npickle.loads(b\"cos\\nsystem\\n(S'true'\\ntR.\")\n"
         + toys.RIGHT["add"], mark=2.0, flag="unpickles"),
    Case("link", "import os\nos.symlink('/etc/shadow', 'link')\n" + toys.RIGHT["add"], mark=2.0),
    Case("script in an output", "from IPython.display import HTML, Javascript\n"
         "display(HTML('<script>1</script>'), Javascript('1'))\n" + toys.RIGHT["add"], mark=2.0),
    Case("exception that can't be shown", "class E(Exception):\n    def __str__(self):\n"
         "        raise E\nraise E"),
    Case("repr that raises", "class R:\n    def __repr__(self):\n        raise SystemExit\n"
         + toys.RIGHT["add"] + "\nR()", mark=2.0),
    Case("no Python", "def add(a, b:\n    return"),
    Case("signals ignored", "import signal\nfor s in range(1, 32):\n    try:\n"
         "        signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError):\n"
         "        pass\nwhile True: pass", flag="could not be interrupted"),
    Case("code for the end", "import atexit, os\natexit.register(lambda: os._exit(1))\n"
         "os.register_at_fork(after_in_child=lambda: os._exit(1))\n" + toys.RIGHT["add"],
         others=0.0, flag="leaves code behind"),
]  # fmt: skip


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_hostile(case: Case, sandbox: Sandbox, port: int) -> None:
    one = graded(sandbox, toys.handed_in(add=case.add.replace("{port}", str(port))), case.limits)
    got = marks(one)
    print(f"| {case.name} | {got['add']:g} of 2 | {'; '.join(one.flags)[:120]} |")
    assert got["add"] == case.mark, one
    if case.others >= 0:
        assert {got["double"], got["truth"]} == {case.others}, one
    assert not case.flag or any(case.flag in flag for flag in one.flags), one.flags
    size = sum(len(c.text) for c in one.result.cells.values())
    assert size < 3 * LIMITS.output_kb * 1024
    kinds = {k for c in one.result.cells.values() for shown in c.shown for k in shown}
    assert kinds <= {"text/plain", "image/png"}


def test_the_submission_after_them_all_keeps_its_mark(sandbox: Sandbox) -> None:
    one = graded(sandbox, toys.handed_in())
    assert (marks(one), one.flags) == (FULL, [])
    assert {record["passed"] for t in one.result.tests.values() for record in t.records} == {True}


def test_two_runs_draw_the_same_numbers(sandbox: Sandbox) -> None:
    add = "import random, numpy, torch\nprint(random.random(), numpy.random.rand(), torch.rand(1), "
    add += "hash('a'))\n" + toys.RIGHT["add"]
    first, second = (graded(sandbox, toys.handed_in(add=add)) for _ in range(2))
    text = first.result.cells["toys-add-answer"].text
    assert len(text) > 20
    assert text == second.result.cells["toys-add-answer"].text


def test_hidden_tests_come_after_the_cells(sandbox: Sandbox) -> None:
    """Nothing in the process holds them while the student's cells run."""
    hunt = (
        "import gc\none, other = 'double(4', ') == 8'\n"
        "kinds = (str, bytes, dict, list, tuple)\n"
        "held = [str(o)[:9999] for o in gc.get_objects() if isinstance(o, kinds)]\n"
        "hits = [text for text in held if one + other in text]\n"
        "assert not hits, hits\n" + toys.RIGHT["add"]
    )
    assert marks(graded(sandbox, toys.handed_in(add=hunt), PATIENT)) == FULL


def test_a_killed_sandbox_is_started_again(sandbox: Sandbox) -> None:
    cells = tuple((c.id, c.source) for c in BUNDLE.cells if c.kind == "code")
    sandbox.start()
    assert sandbox.pid is not None
    os.kill(sandbox.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert isinstance(
        with_second_chance(batch.Job("s1", cells, BUNDLE.tests, LIMITS), sandbox), Result
    )


# --- without a sandbox --------------------------------------------------------------------------


def test_without_bubblewrap_there_is_an_error_and_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoSandbox, match=r"not installed.*apt install bubblewrap.*--container"):
        boxes.opened()


def test_where_namespaces_are_off_there_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(
        NoSandbox, match=r"No permissions to create new namespace.*unprivileged_userns"
    ):
        boxes.opened()


def test_what_lies_below_a_place_to_write_is_bound_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A clone below /tmp: a file system that is mounted there later would hide it."""
    monkeypatch.setattr(boxes, "_system_paths", lambda: ["/usr", "/tmp/clone/.venv"])
    words = boxes.command(3, "fork")
    place = words.index("/tmp")
    assert words[place - 1] == "--tmpfs"
    for below in ("/tmp/clone", "/tmp/clone/.venv"):
        assert words.index(below) > place


def test_the_sandbox_sees_the_package_and_not_the_course(tmp_path: Path) -> None:
    try:
        words = boxes.command(3, "fork")
    except NoSandbox:
        pytest.skip("no bubblewrap here, so its command was not looked at")
    bound = [words[i + 1] for i, word in enumerate(words) if word == "--ro-bind"]
    assert any(path.endswith("/lecturelib") for path in bound)
    root = Path(boxes.lecturelib.__file__).resolve().parent.parent
    assert str(root) not in bound
    assert "--bind" not in words
    assert "--unshare-net" in words


def test_a_group_that_may_not_be_made_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> str:
        raise PermissionError

    monkeypatch.setattr(boxes.tempfile, "mkdtemp", refuse)
    group = Group(Limits())
    assert not group.holds
    group.add(1)
    group.close()
