"""JupyterLab in headless Chromium, on its own server."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))  # where `live.py` is

from lab import FLAGS, SIMULATED, Lab, LabPage
from live import Server, Workspace, processes_of
from side import Side


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, per module: Playwright occupies the main thread's event loop."""
    chromium = shutil.which("chromium")
    if chromium is None:
        reason = "Chromium is missing: apt-get install chromium"
        pytest.fail(reason) if os.environ.get("CI_REQUIRES_BROWSER") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


def serve(folder: Path, archives: Path, *, simulated: bool) -> Server:
    """Return a JupyterLab server with simulated or real clusters."""
    here = Path(__file__).parent
    program = (str(here / "memory_lab.py"),) if simulated else ("-m", "jupyterlab")
    options = (*Lab.options(folder), *(SIMULATED if simulated else ()))
    # Real ones have a base URL prefix, like servers of a hub.
    return Server(
        Workspace(folder, archives), program=program, options=options, base_url="/" if simulated else "/user/me/"
    )


@pytest.fixture(scope="module")
def whole_lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab with simulated clusters for all tests of a module."""
    folder = tmp_path_factory.mktemp("lab")
    lab = Lab(serve(folder, folder / "cache", simulated=True), browser)
    yield lab
    lab.close()


@pytest.fixture(params=["simulated", pytest.param("real", marks=[pytest.mark.spark, pytest.mark.timeout(600)])])
def any_lab(request: pytest.FixtureRequest) -> Lab:
    """A JupyterLab without clusters: one with simulated, and one with real ones."""
    lab: Lab = request.getfixturevalue("lab" if request.param == "simulated" else "real_lab")
    return lab


@pytest.fixture(scope="module")
def whole_real_lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory, archives: Path) -> Iterator[Lab]:
    """One JupyterLab with real clusters for all tests of a module."""
    folder = tmp_path_factory.mktemp("real-lab")
    lab = Lab(serve(folder, archives, simulated=False), browser)
    yield lab
    lab.close()
    assert processes_of(str(folder)) == [], "processes are left"


@pytest.fixture
def lab(whole_lab: Lab) -> Iterator[Lab]:
    """A JupyterLab without clusters."""
    yield whole_lab
    whole_lab.delete_clusters()


@pytest.fixture
def real_lab(whole_real_lab: Lab) -> Iterator[Lab]:
    """A JupyterLab without clusters; new ones are real."""
    yield whole_real_lab
    whole_real_lab.delete_clusters()


@pytest.fixture
def open_page(request: pytest.FixtureRequest) -> Iterator[Callable[[Lab], LabPage]]:
    """Opens a notebook, and checks after the test that the browser's console has no error."""
    opened: list[LabPage] = []

    def open_one(lab: Lab) -> LabPage:
        opened.append(lab.open(f"{request.node.name[:30]}.ipynb"))
        return opened[-1]

    yield open_one
    for page in opened:
        page.close()
    assert [error for page in opened for error in page.errors] == []


@pytest.fixture
def open_side(open_page: Callable[[Lab], LabPage]) -> Iterator[Callable[[Lab], Side]]:
    """Opens a notebook with the side panel beside it."""
    opened: list[Side] = []

    def open_one(lab: Lab) -> Side:
        opened.append(Side(open_page(lab)))
        return opened[-1]

    yield open_one
    for side in opened:
        side.close()


@pytest.fixture
def side(lab: Lab, open_side: Callable[[Lab], Side]) -> Side:
    """The panel of a server with simulated clusters."""
    return open_side(lab)
