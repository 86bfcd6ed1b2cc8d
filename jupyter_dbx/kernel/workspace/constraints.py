"""Constraints: a notebook's PySpark is the one that its cluster has, whatever pip is to install.

Another version could neither talk to the driver nor exchange data with its workers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TextIO

#: Packages that contain the module `pyspark`, too; no version of them is allowed.
REPLACEMENTS = ("databricks-connect", "pyspark-client")

#: What pip prints about a requirement that contradicts these constraints; with `-q`, it does not print the constraint.
_NAMES = "|".join(["pyspark", *REPLACEMENTS])
_CONFLICT = re.compile(rf"\(constraint\) (?:{_NAMES})[=<]|Cannot install (?:{_NAMES})(?![\w-])")


class Constraints:
    """What pip may not install in a notebook, as a file for its option `--constraint`; notices conflicts in its output.

    Parameters
    ----------
    file : where to write the constraints
    output : a stream that pip's output is passed on to
    """

    def __init__(self, file: Path, output: TextIO) -> None:
        self._file, self._output, self._line = file, output, ""
        self._has_conflict = False
        try:
            self._spark = version("pyspark")
        except PackageNotFoundError:  # the module without its metadata
            self._spark = ""

    def applied_to(self, arguments: Sequence[str]) -> list[str]:
        """Return the arguments of pip with the constraints; only `install` accepts them."""
        command = next((i for i, word in enumerate(arguments) if not word.startswith("-")), len(arguments))
        if not self._spark or list(arguments[command : command + 1]) != ["install"]:
            return list(arguments)
        self._file.write_text("".join([f"pyspark=={self._spark}\n", *(f"{name}<0\n" for name in REPLACEMENTS)]))
        return [*arguments[: command + 1], "--constraint", str(self._file), *arguments[command + 1 :]]

    @property
    def reason(self) -> str:
        """Return the sentence about a conflict that pip reported, or ""."""
        if not self._has_conflict:
            return ""
        return (
            f"The cluster has PySpark {self._spark}, and its notebooks can use neither another version nor "
            f"{' or '.join(REPLACEMENTS)}. If a package only requires one of them, `%pip install --no-deps` installs it alone."
        )

    def write(self, text: str) -> int:
        """Pass output on."""
        self._line += text
        self._has_conflict = self._has_conflict or _CONFLICT.search(self._line) is not None
        self._line = self._line.rpartition("\n")[2]
        return self._output.write(text)

    def flush(self) -> None:
        """Flush the output."""
        self._output.flush()
