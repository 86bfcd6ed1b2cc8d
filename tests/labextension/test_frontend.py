"""The front end's own tests, and the rules that its sources keep."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_dbx

FRONT = Path(__file__).parents[2] / "labextension"
SOURCES = sorted(path for path in (FRONT / "src").rglob("*.ts*") if "__tests__" not in path.parts)

#: Room → which of our modules it may import, as paths from `src/`.
ROOMS = {
    "services": r"(services/.*|tokens)",
    "views": r"(views/.*|services/wire)",
    "plugins": r"(views|services|plugins)/.*|tokens|commands|icons",
    "": r".*",
}

#: No file of ours is longer, lines.
LONGEST_FILE = 400


def modules_of(source: Path) -> list[str]:
    """Return what a source imports of ours, as paths from `src/`."""
    found = re.findall(r"(?:from|import\()\s*'(\.[^']+)'", source.read_text())
    return [os.path.relpath(source.parent / module, FRONT / "src") for module in found]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(FRONT / "src")))
def test_source_keeps_to_its_room(source: Path) -> None:
    parts = source.relative_to(FRONT / "src").parts
    room = parts[0] if len(parts) > 1 else ""
    modules = [module for module in modules_of(source) if not module.startswith("..")]

    assert [module for module in modules if not re.fullmatch(ROOMS[room], module)] == []
    assert len(source.read_text().splitlines()) <= LONGEST_FILE
    if source.name != "client.ts":
        assert not re.search(r"\bfetch\(|makeRequest\(", source.read_text())


@pytest.mark.parametrize("sheet", sorted((FRONT / "style").glob("*.css")), ids=lambda path: path.name)
def test_style_sheets_are_short(sheet: Path) -> None:
    assert len(sheet.read_text().splitlines()) <= LONGEST_FILE


def test_both_halves_have_one_version() -> None:
    assert json.loads((FRONT / "package.json").read_text())["version"] == jupyter_dbx.__version__


def test_lock_file_names_no_host() -> None:
    packages = json.loads((FRONT / "package-lock.json").read_text())["packages"]

    assert len(packages) > 100
    assert [name for name, facts in packages.items() if "resolved" in facts and not facts.get("link")] == []


@pytest.mark.timeout(300)
def test_front_ends_own_tests_pass() -> None:
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if not (FRONT / "node_modules").exists() or shutil.which("npm", path=tools) is None:
        reason = "The front end was not built here: `pip install .` in a clone builds it."
        pytest.fail(reason) if os.environ.get("CI_REQUIRES_BROWSER") else pytest.skip(reason)

    done = subprocess.run(
        ["npm", "test"], cwd=FRONT, env=os.environ | {"PATH": tools}, capture_output=True, text=True, timeout=280
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    assert re.search(r"Tests: +\d+ passed", done.stderr)
