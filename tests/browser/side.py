"""The extension's parts of JupyterLab, as tests drive them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab import LabPage
from playwright.sync_api import ConsoleMessage, Locator, Request, expect

#: Installed by npm when the front end is built; https://github.com/dequelabs/axe-core
AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"

#: JupyterLab's warning about its own debugger, when a kernel is restarted.
_KNOWN = ("Could not restore the debugger state",)


@dataclass
class Side:
    """The side panel and the tabs it opens."""

    lab_page: LabPage

    def __post_init__(self) -> None:
        self.page.on("console", self._on_console)
        self.page.on("pageerror", self.lab_page._note)
        self.page.on("request", self._watch)
        self.lab_page.command("dbx:show-clusters")
        expect(self.panel).to_be_visible()

    def close(self) -> None:
        """Stop listening, and close what was opened."""
        self.page.remove_listener("console", self._on_console)
        self.page.remove_listener("pageerror", self.lab_page._note)
        self.page.remove_listener("request", self._watch)
        self.page.evaluate(
            "[...window.jupyterapp.shell.widgets('main')].filter(w => w.id.startsWith('jp-dbx')).forEach(w => w.dispose())"
        )

    @property
    def page(self) -> Any:
        """Return the browser's page."""
        return self.lab_page.page

    @property
    def panel(self) -> Locator:
        """Return the side panel."""
        return self.page.locator("#jp-dbx-clusters")

    @property
    def form(self) -> Locator:
        """Return the current form."""
        return self.page.locator(".jp-Dbx-form:visible")

    @property
    def picker(self) -> Locator:
        """Return the picker of the current notebook."""
        return self.page.locator(".jp-Dbx-picker .jp-Dbx-pick:visible")

    @property
    def search(self) -> Locator:
        """Return the search field of the picker's open list."""
        return self.page.get_by_role("combobox", name="Search clusters")

    def field(self, label: str) -> Locator:
        """Return a text or number field of the current form."""
        return self.form.get_by_role("textbox", name=label, exact=True)

    def select(self, within: Locator, label: str, option: str) -> None:
        """Choose an option of a select of JupyterLab's toolkit."""
        within.get_by_role("combobox", name=label).click()
        within.get_by_role("option", name=option, exact=True).click()

    def row(self, name: str) -> Locator:
        """Return the row of a cluster."""
        return self.panel.get_by_role("listitem").filter(has=self.page.get_by_text(name, exact=True))

    def expect_names(self, *names: str) -> None:
        """Wait until these are the visible clusters, from top to bottom."""
        expect(self.panel.locator(".jp-Dbx-name")).to_have_text(list(names))

    def choose(self, label: str) -> None:
        """Choose an item of the open menu, or a line of the picker's open list."""
        name = re.compile(f"^{re.escape(label)}")
        self.page.get_by_role("menuitem", name=name).or_(self.page.get_by_role("option", name=name)).first.click()

    def serious_findings(self, within: str) -> list[str]:
        """Return the serious accessibility problems of a part of the page, from axe-core."""
        self.page.evaluate(AXE.read_text())
        # Buttons of JupyterLab itself are excluded.
        found = self.page.evaluate("within => axe.run({include: [within], exclude: ['jp-button']})", within)[
            "violations"
        ]
        return [
            f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]

    def set(self, plugin: str, **settings: Any) -> None:
        """Change a plugin's settings; JupyterLab reads them when it is loaded."""
        script = "([id, text]) => window.jupyterapp.serviceManager.settings.save(id, text)"
        self.page.evaluate(script, [plugin, json.dumps(settings)])

    def _watch(self, request: Request) -> None:
        if urlsplit(request.url).hostname not in ("127.0.0.1", None):
            self.lab_page.errors.append(f"The page requested {request.url}.")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(known in message.text for known in _KNOWN):
            self.lab_page._on_console(message)
