"""Figures of matplotlib as images, whatever backend it draws with, and shown once."""

from __future__ import annotations

import io
import sys
from typing import Any

#: Dots per inch of the image; a screen of twice the usual density shows it sharp. Its width is said in CSS pixels.
DPI, SCREEN_DPI = 144, 72

# matplotlib may not be installed here, hence Any.


class Figure:
    """An image of a matplotlib Figure, or of the one that Axes are on."""

    def __init__(self, value: Any) -> None:
        figure = _figure_of(value)
        image = io.BytesIO()
        figure.savefig(image, format="png", dpi=DPI, bbox_inches="tight")
        self._png, self._words = image.getvalue(), repr(figure)
        if "matplotlib.pyplot" in sys.modules:
            # Or else the end of the cell would show it again.
            sys.modules["matplotlib.pyplot"].close(figure)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        width = int.from_bytes(self._png[16:20], "big") * SCREEN_DPI // DPI  # of a PNG's header
        return {"image/png": self._png, "text/plain": self._words}, {"image/png": {"width": width}}


def is_figure(value: Any) -> bool:
    """Return whether this is a Figure or Axes of matplotlib, or the array of Axes that pandas gives."""
    if type(value).__module__ == "numpy" and value.size and value.dtype == object:
        value = value.flat[0]
    module = type(value).__module__
    return module.startswith("matplotlib.") and hasattr(_figure_of(value), "savefig")


def _figure_of(value: Any) -> Any:
    if type(value).__module__ == "numpy":
        value = value.flat[0]
    return value if hasattr(value, "savefig") else getattr(value, "figure", None)
