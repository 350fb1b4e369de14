"""Promises about the whole repository: one address, pins within ranges, commands that exist."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tools.course import ROOT, repository

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def tracked_text() -> dict[str, str]:
    """Every text file of the working tree that git tracks, without what is vendored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    texts = {}
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and "/vendor/" not in name:
            try:
                texts[name] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
    return texts


def pins() -> dict[str, Version]:
    """What ``constraints.txt`` pins, by normalized name."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if "==" in line)
    return {re.sub(r"[-_.]+", "-", name).lower(): Version(version) for name, version in pairs}


def test_the_address_stands_in_one_place_and_all_others_derive_from_it() -> None:
    owner_and_name = repository().removeprefix("https://github.com/")
    owner = owner_and_name.split("/")[0]
    for name, text in tracked_text().items():
        for found in re.findall(rf"\b{re.escape(owner)}/[\w.-]+", text):
            assert found.rstrip(".").removesuffix(".git") == owner_and_name, name
        if owner_and_name in text:
            assert name == "_config.yml" or name in derived_files(), (
                f"{name} holds the address; let it derive from _config.yml"
            )


def derived_files() -> set[str]:
    """Files that hold the address because a tool wrote it there from ``_config.yml``."""
    generated = {str(path.relative_to(ROOT)) for path in (ROOT / "book").rglob("*.ipynb")}
    # `python -m tools.address` writes these, and its test below fails when they lag behind.
    from tools.address import DERIVED

    return generated | set(DERIVED)


def test_files_that_repeat_the_address_are_up_to_date() -> None:
    from tools.address import DERIVED, rewritten

    for name in DERIVED:
        assert rewritten(name) == (ROOT / name).read_text(encoding="utf-8"), (
            f"{name}: run python -m tools.address"
        )


@pytest.mark.parametrize("extra", [None, *PROJECT["optional-dependencies"]])
def test_every_requirement_is_pinned_within_its_range(extra: str | None) -> None:
    wanted = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    for text in wanted:
        requirement = Requirement(text)
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        assert name in pins(), f"{name} is not in constraints.txt"
        assert requirement.specifier.contains(pins()[name]), (text, pins()[name])


def test_a_readers_requirements_have_no_upper_bounds() -> None:
    # A cap would make Colab replace its own torch or NumPy on the day it moves past the cap.
    for text in PROJECT["dependencies"]:
        assert all(part.operator == ">=" for part in Requirement(text).specifier), text


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"\.PHONY: ((?:.*\\\n)*.*)", makefile)
    assert phony
    targets = set(phony[1].replace("\\", " ").split())
    command = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert {line.split()[1] for line in shown.stdout.splitlines()} == targets


def test_the_readme_names_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```console\n.*?```|`[^`\n]+`", readme, flags=re.DOTALL))
    named = set(re.findall(r"\bmake ([a-z]+)\b", code))
    assert {"book", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
    for module in re.findall(r"python -m (tools\.\w+|benchmarks)", readme):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_continuous_integration_runs_the_readmes_test_command() -> None:
    assert "exec make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test" in (ROOT / ".github/workflows/book.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE-TEXT", "CITATION.cff", "CHANGELOG.md"])
def test_the_papers_of_a_project_are_there(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 200


def test_the_version_is_the_same_everywhere() -> None:
    import lecturelib

    version = PROJECT["version"]
    assert lecturelib.__version__ == version
    assert f"version: {version}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_file_names_a_path_of_some_machine() -> None:
    places = [f"/{folder}/" for folder in ("work", "root", "home", "opt")]
    for name, text in tracked_text().items():
        if name == str(Path(__file__).relative_to(ROOT)):
            continue
        for place in places:
            assert not re.search(rf"(?<![\w.:/-]){place}\w", text), f"{name} names {place}"


def test_no_file_is_large() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            assert (ROOT / name).stat().st_size < 3_000_000, name
