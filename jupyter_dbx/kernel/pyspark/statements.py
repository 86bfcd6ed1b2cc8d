"""Paths in SQL statements: the ones that Spark resolves elsewhere than `spark.read` does.

Spark resolves a table's relative LOCATION in the schema's folder, LOAD DATA in the driver's, the files of a view
(``csv.`in.csv` ``) in the reader's, and knows no workspace folders in SQL; and it serves added files of all notebooks by their
names (see files.py).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Protocol

from jupyter_dbx.kernel.languages.sql import visible

#: A path in quotes after a keyword, or after `path` among a table's options.
_QUOTED = re.compile(
    r"""\b(?P<before>LOCATION\s+|INPATH\s+|DIRECTORY\s+|OPTIONS\s*\((?:[^()]*,)?\s*['"`]?path['"`]?\s*=?\s*)
        (?P<quote>['"])(?P<path>[^'"\n]*)(?P=quote)""",
    re.IGNORECASE | re.VERBOSE,
)

#: A query on files.
_FILES = re.compile(
    r"\b(?P<before>(?:avro|binaryfile|csv|delta|json|orc|parquet|text|xml)\s*\.\s*)(?P<quote>`)(?P<path>[^`\n]*)`",
    re.IGNORECASE,
)

#: Property with the default folder of streams' checkpoints, in lower case.
CHECKPOINT_CONF = "spark.sql.streaming.checkpointlocation"

_CHECKPOINT = re.compile(rf"(?P<before>\s*SET\s+{re.escape(CHECKPOINT_CONF)}\s*=\s*)(?P<path>\S+)\s*\Z", re.IGNORECASE)

_ADD = re.compile(r"\s*ADD\s+(?P<kind>FILE|JAR|ARCHIVE)S?\s+(?P<paths>\S.*)", re.IGNORECASE | re.DOTALL)


class Stager(Protocol):
    """The interface of the notebook's added files."""

    def stage(self, path: str) -> str:
        """Return the URI to add in place of this path."""

    def stage_jar(self, path: str) -> str:
        """Return the JAR to add in place of this one."""


def resolve_paths(statement: str, absolute: Callable[[str], str], pattern: Callable[[str], str]) -> str:
    """Return a statement whose paths mean the same as in `spark.read`, also for other notebooks, which may read its view.

    Parameters
    ----------
    absolute : makes a path absolute, for Spark
    pattern : the same for a path that may be a pattern
    """
    if found := _CHECKPOINT.match(statement):
        return f"{found['before']}{absolute(found['path'])}"
    for places, make in ((_QUOTED, absolute), (_FILES, pattern)):
        statement = _with_paths(statement, places, make)
    return statement


def _with_paths(statement: str, places: re.Pattern[str], make: Callable[[str], str]) -> str:
    code = visible(statement)

    def resolved(found: re.Match[str]) -> str:
        if code[found.start()] != statement[found.start()]:  # in a string or a comment
            return found[0]
        return f"{found['before']}{found['quote']}{make(found['path'])}{found['quote']}"

    return places.sub(resolved, statement)


def stage_additions(statement: str, for_spark: Callable[[str], str], files: Callable[[], Stager]) -> str:
    """Return an `ADD FILE`, `ADD JAR` or `ADD ARCHIVE` statement with copies for the notebook alone; others are unchanged."""
    found = _ADD.match(statement)
    if not found:
        return statement
    stager = files()
    stage = stager.stage_jar if found["kind"].upper() == "JAR" else stager.stage
    named = shlex.split(found["paths"].rstrip().removesuffix(";"))
    paths = " ".join(f'"{stage(for_spark(path))}"' for path in named)
    return f"ADD {found['kind']} {paths}"
