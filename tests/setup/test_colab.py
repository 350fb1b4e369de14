"""The course in Colab: what its installation changes, and its notebooks on Colab's versions.

Of the notebooks a small one, made for it, and a chapter run by default; ``make colab`` runs every
chapter and every student notebook.
"""

from __future__ import annotations

import asyncio
import copy
import fcntl
import hashlib
import json
import os
import sys
import sysconfig
import zipfile
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
import zmq
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from lecturelib.interactive.live import VIEW_MIME
from tests.setup.conftest import Environment, new_environment
from tests.setup.test_installation import stand_in
from tools import colab_packages
from tools.course import ROOT, notebooks
from tools.notebooks import SETUP_ID, code_cells, setup_source, tags, text_only

COLAB = colab_packages.read()
STAND_IN = Path(__file__).parent / "stand_in"
# What lecturelib and a kernel import; torch and what else is large comes from this environment.
NEEDED = """
anywidget backcall cloudpickle contourpy cycler debugpy decorator entrypoints fonttools ipykernel
ipython ipython-genutils ipywidgets joblib jupyter-client jupyter-core jupyterlab-widgets kiwisolver
matplotlib matplotlib-inline nest-asyncio numpy packaging parso pexpect pickleshare pillow
platformdirs prompt-toolkit psutil psygnal ptyprocess pygments pyparsing python-dateutil pyzmq
scikit-learn scipy six threadpoolctl tornado tqdm traitlets typing-extensions wcwidth
widgetsnbextension
""".split()  # noqa: SIM905
STUDENTS = sorted((ROOT / "book" / "exercises" / "student").glob("*.ipynb"))
WHOLE = os.environ.get("COLAB") == "all"
BOOK = [*notebooks(), *STUDENTS] if WHOLE else [ROOT / "book" / "backprop.ipynb"]


# --- installing ----------------------------------------------------------------------------------


def test_the_install_changes_no_package_of_colab(
    wheel: Path, empty_environment: Environment
) -> None:
    place = empty_environment
    site = Path(place.run("-c", "import site; print(site.getsitepackages()[0])").strip())
    for name, version in COLAB.items():
        if name not in ("pip", "setuptools"):  # the environment's own do the work
            # Colab's IPython asks for jedi, which Colab leaves out: pip makes up for it.
            stand_in(site, name, version, requires=["jedi>=0.16"] if name == "ipython" else [])
    options = ["--dry-run", "--quiet", "--report", "-", "--only-binary", ":all:"]
    report = json.loads(place.run("-m", "pip", "install", *options, str(wheel)))
    added = {item["metadata"]["name"] for item in report["install"]}
    assert added <= {"lecturelib", "jedi", "parso"} - COLAB.keys()
    assert "lecturelib" in added


# --- a runtime -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def colab() -> Environment:
    """An environment with Colab's versions of what the notebooks import; kept between runs."""
    packages = [f"{name}=={COLAB[name]}" for name in NEEDED]
    key = hashlib.sha256("\n".join([sys.version, *packages]).encode()).hexdigest()[:12]
    folder = ROOT / ".colab" / key
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "done"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests in several processes share it
        environment = Environment(folder / "env") if done.exists() else _make(folder, packages)
        done.touch()
    return environment


def _make(folder: Path, packages: list[str]) -> Environment:
    environment = new_environment(folder / "env")
    # As in Colab: these versions and no others, whatever they ask of each other.
    options = ["--quiet", "--no-deps", "--no-compile", "--only-binary", ":all:"]
    environment.run("-m", "pip", "install", *options, *packages)
    site = Path(environment.run("-c", "import site; print(site.getsitepackages()[0])").strip())
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return environment


@pytest.fixture
def kernel(colab: Environment, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a kernel like Colab's: its versions, its module, the package from the wheel."""
    package = tmp_path / "package"
    zipfile.ZipFile(wheel).extractall(package)
    folder = tmp_path / "jupyter" / "kernels" / "colab"
    folder.mkdir(parents=True)
    command = [colab.python, "-Xfrozen_modules=off", "-m", "ipykernel_launcher"]
    command += ["-f", "{connection_file}", "--ext", "google.colab"]
    variables = {"PYTHONPATH": os.pathsep.join(map(str, (package, STAND_IN)))}
    spec = {"argv": command, "env": variables, "display_name": "Colab", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("TQDM_DISABLE", "1")  # as the stored outputs were made
    for name in [name for name in os.environ if name.startswith(("LECTURELIB_", "COV_"))]:
        monkeypatch.delenv(name)
    return "colab"


def run(notebook: NotebookNode, kernel: str, folder: Path) -> NotebookNode:
    """Run the notebook's cells from an empty folder, in which they must leave nothing."""
    folder.mkdir()
    client = NotebookClient(
        copy.deepcopy(notebook), timeout=300, startup_timeout=300, kernel_name=kernel
    )
    done = asyncio.run(_executed(client, folder))
    assert list(folder.iterdir()) == []
    return done


async def _executed(client: NotebookClient, folder: Path) -> NotebookNode:
    """Execute the notebook, and look each second whether a reply of the kernel lies unread.

    A client that answers a widget sends on the socket on which it waits for the reply, past
    asyncio; a reply that arrives meanwhile is not told of again (ZeroMQ tells of edges only).
    Asking the socket for its events delivers it.
    """
    executing = asyncio.create_task(client.async_execute(cwd=str(folder)))
    while not executing.done():
        await asyncio.wait({executing}, timeout=1)
        if (kernel := getattr(client, "kc", None)) is not None and not executing.done():
            for channel in (kernel.shell_channel, kernel.iopub_channel):
                channel.socket.get(zmq.EVENTS)
    return executing.result()


def seconds(cell: NotebookNode) -> float:
    """The wall time that the kernel was busy with the cell."""
    times = cell.metadata.execution
    begin, end = (
        datetime.fromisoformat(times[f"iopub.status.{state}"]) for state in ("busy", "idle")
    )
    return (end - begin).total_seconds()


def shows(output: NotebookNode, call: str) -> bool:
    """Whether this output is what ``call`` (explore or widget) returns."""
    return str(output.get("data", {}).get("text/plain", "")).startswith(f"{call}(")


def faults(cell: NotebookNode) -> list[str]:
    """What of the cell's outputs does not appear in Colab."""
    found = []
    for output in cell.outputs:
        if output.output_type == "error" and "raises-exception" not in tags(cell):
            found.append(f"{cell.id}: {output.ename}: {output.evalue}")
        if (shows(output, "explore") or shows(output, "widget")) and VIEW_MIME not in output.data:
            found.append(f"{cell.id}: no view of a widget")
        if shows(output, "widget"):
            metadata = output.metadata.get(VIEW_MIME, {}).get("colab", {})
            if not metadata.get("custom_widget_manager", {}).get("url"):
                found.append(f"{cell.id}: without the metadata by which Colab shows the widget")
    return found


PREPARED = "default-device"


# --- notebooks -----------------------------------------------------------------------------------


SMALL = {
    SETUP_ID: setup_source(new_notebook()),
    "versions": "import ipywidgets, IPython; print(ipywidgets.__version__, IPython.__version__)",
    "default-device": "import torch; torch.set_default_device('meta')",
    "explore": (
        "from lecturelib import check, claims, exercises, explore, hint, widget\n"
        "from lecturelib.chapters.batch_norm_in_networks import explore as movable\n"
        "explore(movable.placement_of_batch_norm, alt='Histograms.', gamma=[1, 2])"
    ),
    "move": (
        "from ipywidgets import Widget, interactive\n"
        "(panel,) = {w for w in Widget.widgets.values() if isinstance(w, interactive)}\n"
        "panel.children[0].value = 2"
    ),
    "widget": "widget('activation_zoo')",
    "card": "claims.show('BP1')",
    "quiz": "exercises.quiz('backprop-order')",
    "check": "check('universal-approximation-units-needed', lambda *given: 1)",
    "hint": "hint('universal-approximation-units-needed', 1)",
}


def test_a_notebook_with_one_of_each_works(kernel: str, tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_code_cell(code, id=name) for name, code in SMALL.items()])
    done = run(notebook, kernel, tmp_path / "reader")
    cells = {cell.id: cell for cell in done.cells}
    assert [fault for cell in cells.values() for fault in faults(cell)] == []
    assert cells["versions"].outputs[0].text.split() == [COLAB["ipywidgets"], COLAB["ipython"]]
    # The package is there in the right version, so that the set-up has nothing to install.
    assert "lecturelib 0." in "".join(output.text for output in cells[SETUP_ID].outputs)
    assert seconds(cells[SETUP_ID]) < 1
    (explored,) = cells["explore"].outputs
    assert shows(explored, "explore")
    (picture,) = pictures(done)
    assert "γ = 2" in picture  # the slider was moved
    assert shows(cells["widget"].outputs[0], "widget")
    for name in ("card", "quiz", "check", "hint"):
        assert any("text/html" in output.get("data", {}) for output in cells[name].outputs), name


def pictures(notebook: NotebookNode) -> list[str]:
    """What the outputs of ipywidgets show, as the front end holds them."""
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    outputs = [o for s in states.values() for o in s["state"].get("outputs", [])]
    return [o["data"]["text/html"] for o in outputs]


def opened_in_colab(path: Path) -> Path:
    """The notebook that a chapter's Colab button opens: its edition for Colab, where it has one."""
    edition = ROOT / "book" / "colab" / path.name
    return edition if edition.exists() and path not in STUDENTS else path


@pytest.mark.parametrize("path", BOOK, ids=lambda path: str(path.relative_to(ROOT / "book")))
def test_a_notebook_of_the_book_runs_and_prints_what_is_stored(
    kernel: str, tmp_path: Path, path: Path
) -> None:
    notebook = nbformat.read(opened_in_colab(path), 4)
    if path not in STUDENTS:  # as people do who have a GPU; "meta" stands in for it
        code = "import torch; torch.set_default_device('meta')"
        notebook.cells.insert(0, new_code_cell(code, id=PREPARED))
    done = run(notebook, kernel, tmp_path / "reader")
    cells = {c.id: c for c in code_cells(done) if c.id not in (SETUP_ID, PREPARED)}
    assert [fault for cell in cells.values() for fault in faults(cell)] == []
    if path not in STUDENTS:  # those are stored without outputs
        expected = compared(nbformat.read(path, 4))
        assert {name: _texts(cells[name]) for name in expected} == expected


def compared(notebook: NotebookNode) -> dict[str, list[str]]:
    """The stored texts of the cells whose outputs are the same on each machine."""
    skipped = {"nbval-ignore-output", "nbval-skip"}
    cells = [c for c in code_cells(notebook) if c.id != SETUP_ID and not skipped & set(tags(c))]
    return {cell.id: _texts(cell) for cell in cells}


def _texts(cell: NotebookNode) -> list[str]:
    return [o.text if "text" in o else o.data["text/plain"] for o in text_only(cell.outputs)]


def test_the_list_names_what_the_environment_needs() -> None:
    assert set(NEEDED) <= COLAB.keys()
