"""Finds visible widgets in a tree, and clicks on them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

from ipywidgets import HTML, Button


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
