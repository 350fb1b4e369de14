"""The command that refreshes Colab's list of packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import colab_packages as tool

FREEZE = """\
# Do not modify this file directly
Jinja2==3.1.6
google-colab @ file:///colabtools/dist/google_colab-1.0.0.tar.gz
gateway @ git+https://github.com/owner/gateway@b134e9945df25c2dcb98ade9129399be10788671
model @ https://host/download/model-3.8.0/model-3.8.0-py3-none-any.whl#sha256=1932429d
torch @ https://host/whl/cpu/torch-2.11.0%2Bcpu-cp313-cp313-manylinux_2_28_x86_64.whl
typing_extensions==4.16.0
"""


def test_each_line_that_states_a_version_is_read() -> None:
    assert tool.versions(FREEZE.splitlines()) == {
        "google-colab": "1.0.0",
        "jinja2": "3.1.6",
        "model": "3.8.0",
        "torch": "2.11.0+cpu",
        "typing-extensions": "4.16.0",
    }


def test_one_command_writes_the_list_with_its_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "freeze.txt").write_text(FREEZE)
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "LIST", tmp_path / "list.txt")
    given = [str(tmp_path / "freeze.txt"), "--date", "2026-08-19", "--python", "3.13"]
    assert tool.main(given) == 0
    text = (tmp_path / "list.txt").read_text()
    assert text.startswith("# Colab's packages on 2026-08-19, Python 3.13.\n")
    assert text.endswith("\ntorch==2.11.0+cpu\ntyping-extensions==4.16.0\n")
    assert tool.versions(text.splitlines()) == tool.versions(FREEZE.splitlines())


@pytest.mark.parametrize("text", ["", "<html>Not found</html>\n"])
def test_a_file_without_packages_is_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "freeze.txt").write_text(text)
    before = tool.LIST.read_text()
    with pytest.raises(SystemExit):
        tool.main([str(tmp_path / "freeze.txt"), "--date", "2026-08-19", "--python", "3.13"])
    assert "holds no line of the form name==version" in capsys.readouterr().err
    assert tool.LIST.read_text() == before
