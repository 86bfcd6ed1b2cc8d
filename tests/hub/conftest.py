"""One hub with real Spark for all tests here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))  # for `live.py`
sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))  # for `lab.py`

from hub import Hub, UserServer, install_proxy
from lab import FLAGS
from other_user import other_users
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, archives: Path) -> Iterator[Hub]:
    """A hub with the users ann and bob of the group data, and the administrator boss."""
    try:
        install_proxy()
    except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
        reason = f"JupyterHub's proxy cannot be installed: {error}"
        pytest.fail(reason) if os.environ.get("CI_REQUIRES_JUPYTERHUB") else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("hub")
    with other_users("dbx", "ann", "bob", "boss", visible=[archives]) as namespace:
        hub = Hub(folder, namespace, archives)
        try:
            yield hub
        finally:
            hub.close()


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


@pytest.fixture(scope="module")
def ann(hub: Hub) -> UserServer:
    return hub.server("ann")


@pytest.fixture(scope="module")
def bob(hub: Hub) -> UserServer:
    return hub.server("bob")


@pytest.fixture(scope="module")
def boss(hub: Hub) -> UserServer:
    return hub.server("boss")
