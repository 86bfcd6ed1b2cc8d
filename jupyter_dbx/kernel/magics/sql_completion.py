"""Completes SQL in cells that start with `%sql`, and in strings passed to `sql(…)`.

Names from the catalog are read on a thread and cached. A completion waits at most `TIMEOUT_S` for them; a kernel without a
session offers only keywords.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.languages.sql import visible
from jupyter_dbx.kernel.session.session import NotebookSession

#: How long a completion waits for the catalog, and how long its answer is cached, s.
TIMEOUT_S, CACHE_S = 0.4, 20.0

#: The keywords common in queries. Source: Apache Spark, "ANSI Compliance", SQL keywords.
KEYWORDS = """
ADD ALL ALTER AND ANTI AS ASC BETWEEN BY CACHE CASE CAST COLUMN COMMENT CREATE CROSS CUBE DATABASE DATABASES DEFAULT DELETE
DESC DESCRIBE DISTINCT DROP ELSE END EXCEPT EXISTS EXPLAIN EXTENDED EXTERNAL FALSE FILTER FROM FULL FUNCTION FUNCTIONS GROUP
HAVING IF ILIKE IN INNER INSERT INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT LOCATION MERGE NATURAL NOT NULL OFFSET
ON OPTIONS OR ORDER OUTER OVER OVERWRITE PARTITION PARTITIONED PIVOT QUALIFY RECURSIVE REFRESH REPLACE RIGHT RLIKE ROLLUP ROW
ROWS SCHEMA SCHEMAS SELECT SEMI SET SHOW SORT TABLE TABLES TABLESAMPLE TBLPROPERTIES TEMP TEMPORARY THEN TRUE TRUNCATE UNION
UNPIVOT UPDATE USE USING VALUES VIEW VIEWS WHEN WHERE WINDOW WITH
""".split()

#: The beginning of a string with SQL; the group is its quotes.
_CALL = re.compile(r"""\bsql\(\s*(?:query\s*=\s*)?[fFrR]{0,2}(\"{3}|'{3}|"|')""")

_NAME = r"(?:`[^`]*`|\w+)(?:\.(?:`[^`]*`|\w+))*"
_SOURCE = re.compile(
    rf"\b(?:FROM|JOIN|INTO|UPDATE|TABLE|DESCRIBE)\s+({_NAME})(?:\s+(?:AS\s+)?(?!ON\b|USING\b|WHERE\b|JOIN\b)(\w+))?",
    re.I,
)


class SqlCompleter:
    """IPython calls it for every line; it completes only SQL."""

    def __init__(self, session: NotebookSession) -> None:
        self._session = session
        #: subject → (end of validity, words)
        self._cache: dict[str, tuple[float, list[str]]] = {}

    @context_matcher(identifier="jupyter_dbx.sql", priority=100)  # type: ignore[untyped-decorator]
    def match(self, context: CompletionContext) -> SimpleMatcherResult:
        """Return the completions at the cursor."""
        lines = context.full_text.split("\n")
        before = "\n".join([*lines[: context.cursor_line], context.text_until_cursor])
        statement = sql_before(before)
        if statement is None:
            return SimpleMatcherResult(completions=[], suppress=False)
        typed = re.search(r"(?<!\w)\w*\Z", statement)
        fragment = typed[0] if typed else ""
        words = self.words(
            statement[: len(statement) - len(fragment)], fragment, after=context.full_text[len(before) :]
        )
        return SimpleMatcherResult(
            completions=[SimpleCompletion(text=word, type=kind) for word, kind in words],
            matched_fragment=fragment,
            suppress=True,
        )

    def words(self, before: str, typed: str, after: str = "") -> list[tuple[str, str]]:
        """Return the words, each with its kind, that start with `typed` and can follow `before`.

        Columns come from all tables in the statement, including those `after` the cursor.
        """
        if visible(f"{before}x")[-1:] == " ":
            return []  # inside a string or comment
        path = re.search(rf"(?<![\w.])({_NAME})\.\Z", before)
        rest = f"{before[: path.start()] if path else before} {after}"
        tables = {alias or name.rpartition(".")[2]: name for name, alias in _SOURCE.findall(rest)}
        if path:
            owner = path[1]
            if owner in tables:
                return _matching(typed, self._columns(tables[owner]), "column")
            return _matching(typed, self._lookup(f"tables in {owner}", lambda spark: _tables_in(spark, owner)), "table")
        columns = [column for name in dict.fromkeys(tables.values()) for column in self._columns(name)]
        names = self._lookup("names", _names)
        shown = [word.lower() for word in KEYWORDS] if typed.islower() else KEYWORDS
        if re.search(r"\b(?:FROM|JOIN|INTO|TABLE|UPDATE|DESCRIBE|USE)\s+\Z", before, re.I):
            return _matching(typed, names, "table")
        return [
            *_matching(typed, dict.fromkeys(columns), "column"),
            *_matching(typed, names, "table"),
            *_matching(typed, shown, "keyword"),
            *_matching(typed, self._lookup("functions", _functions), "function"),
        ]

    def _columns(self, table: str) -> list[str]:
        return self._lookup(f"columns of {table}", lambda spark: [_quoted(name) for name in spark.table(table).columns])

    def _lookup(self, subject: str, query: Callable[[Any], list[str]]) -> list[str]:
        if self._session.is_bound and time.monotonic() > self._cache.get(subject, (0.0, []))[0]:
            # An answer after the timeout serves the next completion.
            thread = threading.Thread(target=self._fetch, args=(subject, query), name="dbx-complete", daemon=True)
            thread.start()
            thread.join(TIMEOUT_S)
        return self._cache.get(subject, (0.0, []))[1]

    def _fetch(self, subject: str, query: Callable[[Any], list[str]]) -> None:
        earlier = self._cache.get(subject, (0.0, []))[1]
        # Renewed first, so that completions in the meantime use the earlier words instead of another query.
        self._cache[subject] = (time.monotonic() + CACHE_S, earlier)
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            words = query(self._session.spark)
        except (PySparkException, Py4JError, NotebookError):  # a completion cannot report an error
            words = []
        self._cache[subject] = (time.monotonic() + CACHE_S, words)


def sql_before(text: str) -> str | None:
    """Return the SQL in front of the cursor, or None if the cursor is not in SQL.

    Parameters
    ----------
    text : the cell's text up to the cursor
    """
    if found := re.match(r"(?:\s|#[^\n]*\n)*%%?sql\b(.*)\Z", text, re.DOTALL):
        return found[1]
    if found := re.fullmatch(r"\s*(?:\w+\s*=\s*)?%sql\b(.*)", text.rpartition("\n")[2]):
        return found[1]
    for call in reversed(list(_CALL.finditer(text))):
        rest = text[call.end() :]
        return rest if call[1] not in rest and (len(call[1]) == 3 or "\n" not in rest) else None
    return None


def _matching(typed: str, words: Iterable[str], kind: str) -> list[tuple[str, str]]:
    return [(word, kind) for word in words if word.strip("`").lower().startswith(typed.lower())]


def _names(spark: Any) -> list[str]:
    """Return temporary views, then tables and views of the current schema, then schemas and catalogs."""
    tables = [_quoted(row[1]) for row in _rows(spark, "SHOW TABLES")]
    schemas = [_quoted(row[0]) for row in _rows(spark, "SHOW SCHEMAS")]
    catalogs = [_quoted(row[0]) for row in _rows(spark, "SHOW CATALOGS")]
    return list(dict.fromkeys([*tables, *schemas, *catalogs]))


def _tables_in(spark: Any, owner: str) -> list[str]:
    return [_quoted(row[1]) for row in _rows(spark, f"SHOW TABLES IN {owner}")]


def _functions(spark: Any) -> list[str]:
    return [row[0] for row in _rows(spark, "SHOW SYSTEM FUNCTIONS") if row[0].isidentifier()]


def _rows(spark: Any, statement: str) -> list[Any]:
    return list(spark.sql(statement).collect())


def _quoted(name: str) -> str:
    """Return a name, quoted if SQL requires it."""
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else "`{}`".format(name.replace("`", "``"))
