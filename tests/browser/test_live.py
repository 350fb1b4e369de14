"""Live mode in a real JupyterLab: the gallery's notebook, its kernel, and what a reader moves."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
START_SECONDS, CELL_SECONDS = 90, 180


def start_kernel(url: str) -> None:
    """Give the notebook its kernel before it is opened, or the page asks which one to take."""
    name = "gallery.ipynb"
    session = {"path": name, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
    request = urllib.request.Request(url + "api/sessions", json.dumps(session).encode())
    urllib.request.urlopen(request, timeout=60).close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of the gallery in a JupyterLab on a free port, in an empty folder of its own."""
    pytest.importorskip("jupyterlab", reason="pip install -e '.[test]'")
    folder = tmp_path_factory.mktemp("lab")
    shutil.copy(ROOT / "book" / "gallery.ipynb", folder)
    notebook = nbformat.read(folder / "gallery.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, folder / "gallery.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "LECTURELIB_EXPLORE": "live",
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
        "--ip=127.0.0.1", "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True",
        f"--ServerApp.root_dir={folder}",
        '--LabApp.news_url=', "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        url = f"http://127.0.0.1:{port}/"
        try:
            for _ in range(2 * START_SECONDS):
                try:
                    urllib.request.urlopen(url + "api", timeout=5).close()
                    break
                except OSError:
                    assert server.poll() is None, (folder / "log").read_text()
                    time.sleep(0.5)
            else:
                pytest.fail((folder / "log").read_text())
            start_kernel(url)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.kill()


def test_gallery_is_live_in_jupyterlab(lab, browser):
    page = browser.new_page(viewport={"width": 1300, "height": 1600})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{lab}lab/tree/gallery.ipynb", wait_until="domcontentloaded")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=START_SECONDS * 1000)
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
    select = page.locator(".jp-Dialog .jp-mod-accept")
    for _ in range(START_SECONDS // 3):  # the page takes commands some time after it looks ready
        page.wait_for_timeout(3000)
        if any(character in prompts.first.text_content() for character in "*1"):
            break
        if select.count():  # on a busy machine it may ask which kernel to take
            select.last.focus()
            page.keyboard.press("Enter")
            continue
        page.locator(".jp-Notebook").press("Escape")
        page.get_by_role("menuitem", name="Run", exact=True).click(timeout=2000, no_wait_after=True)
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click(timeout=2000)
    else:
        pytest.fail(f"the notebook does not start: {page.locator('.jp-Dialog').all_inner_texts()}")

    def cell(text):
        found = page.locator(".jp-CodeCell").filter(has_text=text).first
        found.scroll_into_view_if_needed()
        return found

    # The first figure: ipywidgets move it, and the kernel draws the new frame.
    noise = cell("describe_noise")
    caption = noise.locator(".lx-caption")
    caption.wait_for(timeout=CELL_SECONDS * 1000)
    assert "With 8 values in a batch" in caption.text_content()
    slider = noise.get_by_role("slider").first
    slider.focus()
    slider.press("ArrowRight")
    noise.get_by_text("With 16 values in a batch").wait_for(timeout=30_000)
    assert noise.locator("svg[role=img]").count() == 1

    # A widget: what the browser shows and what Python holds are one.
    zoo = cell("activation_zoo")
    zoo.locator(".lw-plot svg path").first.wait_for(timeout=CELL_SECONDS * 1000)
    zoo.get_by_label("activation", exact=True).select_option("tanh")
    assert "the tanh" in zoo.get_by_role("status").text_content()
    zoo.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text('zoo = widget("activation_zoo", activation="tanh")\nzoo')
    page.keyboard.press("Control+Enter")
    zoo = cell("zoo = widget")
    zoo.get_by_label("activation", exact=True).wait_for(timeout=60_000)
    zoo.get_by_label("activation", exact=True).select_option("gelu")
    zoo.locator(".cm-content").click()
    page.keyboard.press("Alt+Enter")  # a new cell below; this one runs once more
    page.keyboard.insert_text('zoo.model.activation = "softplus"; print(zoo.model.input)')
    page.keyboard.press("Control+Enter")
    zoo.get_by_text("At 1 the softplus gives").wait_for(timeout=60_000)
    assert errors == []
    page.close()
