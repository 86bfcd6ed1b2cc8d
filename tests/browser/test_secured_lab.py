"""JupyterLab behind https with a certificate of its own and a password, on all interfaces."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_server.auth import passwd
from lab import IS_READY, PATIENCE_S, Lab, LabPage
from live import free_port
from playwright.sync_api import Browser, Page, expect
from secured import certificate, serving

sys.path.insert(0, str(Path(__file__).parents[1] / "rest"))  # where `serving.py` is

from serving import OPTIONS

pytestmark = pytest.mark.browser

PASSWORD = "correct horse"

#: A notebook's ways to the clusters: the SDK and the magic.
CODE = """from databricks.sdk import WorkspaceClient
etl = {"cluster_name": "etl", "node_type_id": "memory-1c", "num_workers": 1}
WorkspaceClient().api_client.do("POST", "/api/2.0/clusters/create", body=etl)
%cluster list"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A server with one notebook."""
    (tmp_path / "root").mkdir()
    cert, key = certificate(tmp_path)
    port = free_port()
    options = (
        f"--certfile={cert}",
        f"--keyfile={key}",
        "--ip=0.0.0.0",
        f"--ServerApp.port={port}",
        f"--PasswordIdentityProvider.hashed_password={passwd(PASSWORD)}",
        "--IdentityProvider.token=",
    )
    with serving(tmp_path, Path(__file__).with_name("memory_lab.py"), *OPTIONS, *options, *Lab.options(tmp_path)):
        yield f"https://127.0.0.1:{port}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(PATIENCE_S * 1000)
    yield context.new_page()
    context.close()


def test_notebook_and_panel_work_after_the_login(address: str, page: Page) -> None:
    page.goto(f"{address}/lab")
    page.fill("#password_input", PASSWORD)
    page.click("#login_submit")
    page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
    notebook = LabPage(page)
    notebook.command("notebook:create-new", kernelName="jupyter-dbx")
    page.wait_for_function(IS_READY, arg="Untitled.ipynb")

    notebook.run(CODE)
    notebook.command("dbx:show-clusters")

    expect(notebook.outputs.get_by_role("cell", name="etl", exact=True)).to_be_visible()
    expect(page.locator("#jp-left-stack").get_by_text("etl", exact=True)).to_be_visible()
