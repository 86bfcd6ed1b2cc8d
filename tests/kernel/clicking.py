"""Finds visible widgets in a tree, and clicks on them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fake_server import FakeClient, FakeSession
from ipywidgets import HTML, Button

from jupyter_dbx.kernel.widgets import panel as panel_module
from jupyter_dbx.kernel.widgets import row as row_module
from jupyter_dbx.kernel.widgets.panel import ClusterPanel


class AtOnce:
    """A watch without a thread: everything runs immediately."""

    def __init__(self, refresh: Callable[[], float]) -> None:
        self.refresh, self.is_running = refresh, False

    def start(self) -> None:
        if not self.is_running:
            self.is_running = True
            self.refresh()

    def stop(self) -> None:
        self.is_running = False

    def do(self, job: Callable[[], None]) -> None:
        job()
        self.refresh()


def shown(widget: Any) -> Iterator[Any]:
    """Yield every widget that is visible, from top to bottom."""
    if widget.layout.display != "none":
        yield widget
        for child in sorted(getattr(widget, "children", ()), key=lambda child: int(child.layout.order or 0)):
            yield from shown(child)


def words_of(widget: Any) -> str:
    """Return the visible text, without the style sheet."""
    pages = [w.value for w in shown(widget) if isinstance(w, HTML) and "<style>" not in w.value]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", " ".join(pages)).split()))


def labels(widget: Any) -> list[str]:
    """Return the labels of the buttons that are visible."""
    return [w.description for w in shown(widget) if isinstance(w, Button)]


def button(widget: Any, label: str) -> Button:
    """Return the first button with a label that are visible."""
    found = [w for w in shown(widget) if isinstance(w, Button) and w.description == label]
    assert found, f"no button {label!r} among {labels(widget)}"
    return found[0]


def click(widget: Any, label: str, which: int = 0) -> None:
    """Click on a button, which must be enabled."""
    found = [w for w in shown(widget) if isinstance(w, Button) and w.description == label]
    assert len(found) > which, f"no button {label!r} among {labels(widget)}"
    assert not found[which].disabled, f"{label} is disabled"
    found[which].click()


def control(widget: Any, description: str) -> Any:
    """Return the control with a description."""
    (found,) = (w for w in shown(widget) if getattr(w, "description", None) == description and hasattr(w, "value"))
    return found


@contextmanager
def panel_of(client: FakeClient) -> Iterator[ClusterPanel]:
    """Open a panel that has refreshed once, and runs everything immediately."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panel_module, "Watch", AtOnce)
        patch.setattr(row_module, "HOLD_S", 0.0)
        panel = ClusterPanel(FakeSession(client))  # type: ignore[arg-type]  # the part of a session that it needs
        panel._repr_mimebundle_()
        yield panel
        panel.close()


def rows(panel: ClusterPanel) -> list[Any]:
    """Return the visible rows, from top to bottom."""
    return [w for w in shown(panel) if "dbx-row" in w._dom_classes]
