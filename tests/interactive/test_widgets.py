"""``widget`` in its three modes, its errors, and the weight of the modules."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

import lecturelib
from lecturelib.interactive import widget
from lecturelib.interactive.live import VIEW_MIME
from lecturelib.interactive.page import gzipped
from lecturelib.interactive.widgets import PROGRAMS, module
from tests.interactive.conftest import needs_node


def test_shortcut():
    assert lecturelib.widget is widget


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("mode", ["live", "static", "off"])
def test_text_is_the_same_in_every_mode(monkeypatch, mode, name):
    monkeypatch.setenv("LECTURELIB_EXPLORE", mode)
    shown = widget(name, seed=3) if "seed" in PROGRAMS[name].values else widget(name)
    expected = f"widget('{name}', seed=3)" if shown.initial else f"widget('{name}')"
    bundle = shown._repr_mimebundle_()
    bundle = bundle[0] if mode == "live" else bundle
    assert repr(shown) == bundle["text/plain"] == expected
    assert ("text/html" in bundle) == (mode == "static")
    assert ("application/vnd.jupyter.widget-view+json" in bundle) == (mode == "live")


@pytest.mark.parametrize("name", PROGRAMS)
def test_page_is_self_contained_and_light(static, name):
    html = widget(name).html()
    assert gzipped(module(name)) <= 12_000
    assert json.loads(re.search(r'json">(.*?)</script>', html)[1]) == PROGRAMS[name].values
    addresses = set(re.findall(r"https?://[^\s\"'`]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    source = re.search(r'<script type="text/plain">(.*?)</script>', html, re.DOTALL)[1]
    assert source == module(name)
    assert "<!--" not in source
    assert PROGRAMS[name].summary in html


@needs_node
@pytest.mark.parametrize("name", PROGRAMS)
def test_module_is_in_the_anywidget_format(tmp_path, name):
    (tmp_path / "widget.mjs").write_text(module(name), encoding="utf-8")
    code = f"import w from 'file://{tmp_path}/widget.mjs'; console.log(typeof w.render)"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("function", "")


def test_live_metadata_tell_colab_what_can_show_the_widget(monkeypatch):
    """anywidget adds them where Colab's module is loaded; nothing appears there without them."""
    address = "https://colab.test/manager.js"
    colab = SimpleNamespace(
        enable_custom_widget_manager=lambda: None, _widgets=SimpleNamespace(_installed_url=address)
    )
    assert widget("activation_zoo")._repr_mimebundle_()[1] == {}
    monkeypatch.setitem(sys.modules, "google.colab.output", colab)
    data, metadata = widget("activation_zoo")._repr_mimebundle_()
    assert metadata == {VIEW_MIME: {"colab": {"custom_widget_manager": {"url": address}}}}
    assert VIEW_MIME in data


def test_live_values_are_traits():
    shown = widget("batch_norm_microscope", gamma=2, values=[1.0, 2.0])
    assert (shown.model.gamma, shown.model.values, shown.model.beta) == (2.0, [1.0, 2.0], 0.0)
    shown.model.beta = 1.5
    assert shown.model.get_state(["beta"]) == {"beta": 1.5}


@pytest.mark.parametrize(
    ("name", "values", "error", "message"),
    [
        (
            "activations",
            {},
            ValueError,
            "there is no 'activations'; known are optimizer_paths, act",
        ),
        ("activation_zoo", {"slope": 1.0}, ValueError, "has no value 'slope'; it has activation, "),
        ("activation_zoo", {"parameter": "1"}, TypeError, "wants parameter like 0.1; it got '1'"),
        ("network_playground", {"normalize": 1}, TypeError, "wants normalize like False"),
        ("network_playground", {"depth": True}, TypeError, "wants depth like 2"),
        ("network_playground", {"depth": 1.5}, TypeError, "wants depth like 2"),
    ],
)
def test_errors(name, values, error, message):
    with pytest.raises(error, match=message):
        widget(name, **values)


def test_live_without_anywidget(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(ImportError, match="need the package anywidget: pip install anywidget"):
        widget("activation_zoo")


def test_module_that_does_not_import_the_kit_once(monkeypatch):
    monkeypatch.setattr("lecturelib.interactive.widgets.asset", lambda name: "export default {};")
    module.cache_clear()
    with pytest.raises(ValueError, match="must import from kit"):
        module("activation_zoo")
    module.cache_clear()


def test_import_loads_neither_matplotlib_nor_widgets():
    code = (
        "import sys, lecturelib.interactive;"
        "print([m for m in ('matplotlib', 'ipywidgets', 'anywidget', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
