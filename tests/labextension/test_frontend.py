"""The front end's own tests, and what they cannot see: its style sheets, version and lock file. ESLint checks the rest."""

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
from jupyter_dbx.rest.framework.openapi import describe
from jupyter_dbx.rest.table import ROUTES

FRONT = Path(__file__).parents[2] / "labextension"

#: No file of ours is longer, lines.
LONGEST_FILE = 400


@pytest.mark.parametrize("sheet", sorted((FRONT / "style").glob("*.css")), ids=lambda path: path.name)
def test_style_sheets_are_short(sheet: Path) -> None:
    assert len(sheet.read_text().splitlines()) <= LONGEST_FILE


def test_both_halves_have_one_version() -> None:
    assert json.loads((FRONT / "package.json").read_text())["version"] == jupyter_dbx.__version__


def test_lock_file_names_no_host() -> None:
    packages = json.loads((FRONT / "package-lock.json").read_text())["packages"]

    assert len(packages) > 100
    assert [name for name, facts in packages.items() if "resolved" in facts and not facts.get("link")] == []


def run_tool(*command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a tool of the front end; skip the test where it is not installed."""
    tools = f"{FRONT}/node_modules/.bin{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if shutil.which(command[0], path=tools) is None or not (FRONT / "node_modules").exists():
        reason = "The front end was not built here: `pip install .` in a clone builds it."
        pytest.fail(reason) if os.environ.get("CI_REQUIRES_FRONT_END") else pytest.skip(reason)
    env = os.environ | {"PATH": tools}
    return subprocess.run(command, cwd=FRONT, env=env, input=stdin, capture_output=True, text=True, timeout=280)


def test_types_of_the_api_are_those_that_the_server_describes() -> None:
    script = json.loads((FRONT / "package.json").read_text())["scripts"]["types"]
    command, _, file = script.partition("| ")[2].partition(" --output ")

    made = run_tool(*command.split(), stdin=json.dumps(describe(ROUTES) | {"paths": {}}))

    assert made.returncode == 0, made.stderr
    assert made.stdout.strip() == (FRONT / file).read_text().strip(), "They are stale: run `npm run types`."


@pytest.mark.timeout(300)
def test_front_ends_own_tests_pass() -> None:
    done = run_tool("npm", "test")

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    assert re.search(r"Tests: +\d+ passed", done.stderr)
