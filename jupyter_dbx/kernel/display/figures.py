"""Matplotlib figures as images, with any matplotlib backend, each shown once."""

from __future__ import annotations

import io
import sys
from typing import Any

#: Dots per inch of the image, sharp on a screen of double density, and of the CSS pixels that its width is given in.
DPI, SCREEN_DPI = 144, 72

# matplotlib may not be installed here, hence Any.


class Figure:
    """An image of a matplotlib Figure, or of the figure that Axes belong to."""

    def __init__(self, value: Any) -> None:
        figure = _figure_of(value)
        image = io.BytesIO()
        figure.savefig(image, format="png", dpi=DPI, bbox_inches="tight")
        self._png, self._text = image.getvalue(), repr(figure)
        if "matplotlib.pyplot" in sys.modules:
            # An open figure would be shown again at the end of the cell.
            sys.modules["matplotlib.pyplot"].close(figure)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        width = int.from_bytes(self._png[16:20], "big") * SCREEN_DPI // DPI  # from the PNG header
        return {"image/png": self._png, "text/plain": self._text}, {"image/png": {"width": width}}


def is_figure(value: Any) -> bool:
    """Return whether a value is a matplotlib Figure or Axes, or an array of Axes as pandas returns it."""
    if type(value).__module__ == "numpy" and value.size and value.dtype == object:
        value = value.flat[0]
    module = type(value).__module__
    return module.startswith("matplotlib.") and hasattr(_figure_of(value), "savefig")


def _figure_of(value: Any) -> Any:
    if type(value).__module__ == "numpy":
        value = value.flat[0]
    return value if hasattr(value, "savefig") else getattr(value, "figure", None)
