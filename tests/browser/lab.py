"""A JupyterLab server and its pages, as the tests drive them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from live import TOKEN, Server, wait_until
from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, expect

#: Options of Chromium to run without a display, as root, and without requests to its vendor.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: Timeout of a page for everything except clusters, s.
PATIENCE_S = 30

#: Errors of JupyterLab itself: its widget manager opens a comm, with a subshell, and the kernel restarts meanwhile.
OF_LAB = ("Canceled future for create_subshell_request",)

#: Options of a server with simulated clusters.
SIMULATED = ("--DbxApp.backend_name=memory", "--ClusterController.busy_s=0.05", "--ClusterController.idle_s=0.5")

IS_READY = """name => {
  const widget = window.jupyterapp.shell.currentWidget;
  const context = widget?.context?.path === name ? widget.sessionContext : null;
  return context?.isReady && context.session?.kernel?.status === 'idle';
}"""


@dataclass
class LabPage:
    """One notebook on JupyterLab's page."""

    page: Page
    #: errors in the browser since the panel was shown
    errors: list[str] = field(default_factory=list)

    @property
    def panel(self) -> Locator:
        """Return the cluster panel."""
        return self.page.locator(".dbx-panel")

    @property
    def outputs(self) -> Locator:
        """Return the outputs of all cells."""
        return self.page.locator(".jp-Notebook")

    def run(self, code: str) -> None:
        """Run code in the notebook's one cell."""
        self._set_source(code)
        self.command("notebook:run-cell")

    def command(self, command: str, **args: Any) -> None:
        """Run a JupyterLab command without waiting for it."""
        self.page.evaluate("([c, args]) => { void window.jupyterapp.commands.execute(c, args) }", [command, args])

    def add_cell(self, code: str) -> None:
        """Run code in a new cell at the end."""
        self.command("notebook:insert-cell-below")
        self.page.wait_for_function("window.jupyterapp.shell.currentWidget.content.activeCellIndex > 0")
        self._set_source(code)
        self.command("notebook:run-cell")

    def show_panel(self) -> Locator:
        """Show the panel as the cell's output."""
        self.page.on("console", self._on_console)
        self.page.on("pageerror", self._note)
        self.run("from jupyter_dbx import ClusterPanel\npanel = ClusterPanel()\npanel")
        expect(self.panel).to_be_visible(timeout=PATIENCE_S * 1000)
        return self.panel

    def row(self, name: str) -> Locator:
        """Return the row of a cluster."""
        return self.panel.locator(".dbx-row").filter(has=self.page.get_by_text(name, exact=True))

    def button(self, label: str, within: Locator | None = None) -> Locator:
        """Return a button by its label, with or without an icon."""
        return (within or self.panel).get_by_role("button", name=re.compile(rf"(^|\W){label}$"))

    def field(self, description: str) -> Locator:
        """Return a control of the form, with the text below it."""
        control = self.page.get_by_label(description, exact=True)
        return self.panel.locator(".dbx-field").filter(has=control)

    def _set_source(self, code: str) -> None:
        script = (
            "code => { window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.setSource(code) }"
        )
        self.page.evaluate(script, code)

    def close(self) -> None:
        """Close the notebook without saving, and shut down its kernel; also behind a tab that has just opened."""
        self.page.remove_listener("console", self._on_console)
        self.page.remove_listener("pageerror", self._note)
        # Not by a command, which would show the save dialog.
        self.page.evaluate(
            """async () => {
              const notebooks = [...window.jupyterapp.shell.widgets('main')].filter(widget => widget.sessionContext);
              for (const notebook of notebooks) {
                await notebook.sessionContext.shutdown();
                notebook.dispose();
              }
            }"""
        )
        expect(self.page.locator(".jp-NotebookPanel")).to_have_count(0)

    def _note(self, error: Error) -> None:
        if not any(known in str(error) for known in OF_LAB):
            self.errors.append(str(error))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url')})")


class Lab:
    """JupyterLab in a browser."""

    #: the page to load
    start = f"lab?token={TOKEN}&reset"

    def __init__(self, server: Server, browser: Browser) -> None:
        self.server, self._browser = server, browser
        self._page: Page | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold simulated clusters in PENDING during the block; real ones start slowly enough."""
        flag = self.server.workspace.data / "hold"
        flag.touch()
        try:
            yield
        finally:
            flag.unlink()

    @staticmethod
    def options(folder: Path) -> tuple[str, ...]:
        """Return options of a server that ignores the user's settings and fetches no news."""
        settings = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
        return (
            "--LabApp.expose_app_in_browser=True",
            f"--LabApp.user_settings_dir={folder}/settings",
            f"--LabApp.workspaces_dir={folder}/workspaces",
        )

    def write(self, name: str, code: str) -> str:
        """Write a notebook with the kernel and one cell; return its path."""
        cell = {"cell_type": "code", "id": "cell", "execution_count": None, "metadata": {}, "outputs": []}
        kernel = {"name": "jupyter-dbx", "display_name": "Spark (jupyter-dbx)", "language": "python"}
        notebook = {"metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        name = re.sub(r"[^\w.-]", "-", name)
        (self.server.workspace.root / name).write_text(json.dumps(notebook | {"cells": [cell | {"source": code}]}))
        return name

    def new_page(self) -> Page:
        """Return a new page of the browser."""
        return self._browser.new_page(viewport={"width": 1300, "height": 1000})

    def open(self, name: str, document: dict[str, Any] | None = None) -> LabPage:
        """Open a new notebook with the kernel: an empty one, or this document."""
        name = self.write(name, "")
        if document is not None:
            (self.server.workspace.root / name).write_text(json.dumps(document))
        if self._page is None:
            self._page = self.new_page()
            self._page.set_default_timeout(PATIENCE_S * 1000)
            self._page.goto(f"{self.server.url}{self.start}")
            self._page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
        open_it = "path => { void window.jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'}) }"
        self._page.evaluate(open_it, name)
        self._page.wait_for_function(IS_READY, arg=name)
        return LabPage(self._page)

    def clusters(self) -> list[dict[str, Any]]:
        """Return all clusters from the API."""
        return list(self.server.call("GET", "api/dbx/clusters")["clusters"])

    def delete_clusters(self) -> None:
        """Delete all clusters, and wait until they are gone."""
        for cluster in self.clusters():
            self.server.delete(cluster["cluster_id"])
        wait_until(lambda: not self.clusters(), 10)

    def leave(self) -> None:
        """Close the page; the next notebook opens in a new one, with an empty layout."""
        if self._page is not None:
            self._page.close()
            self._page = None

    def close(self) -> None:
        """Close the page, delete all clusters and stop the server."""
        self.leave()
        self.delete_clusters()
        self.server.stop()
