"""What a database's error means for the user, and what to do next."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import sqlalchemy as sa

#: A disk with less than this is full, bytes: SQLite adds to its files in larger pieces.
_FULL_BYTES = 64 * 1024

#: What SQLite reports → what it is. Source: sqlite.org, Result and Error Codes.
_SQLITE = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_PERM: "unwritable",
    sqlite3.SQLITE_READONLY: "unwritable",
    sqlite3.SQLITE_CANTOPEN: "unwritable",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}

#: SQLSTATE → what it is. Source: PostgreSQL, Appendix A.
_POSTGRESQL = {
    "25006": "unwritable",
    "3F000": "unwritable",
    "40001": "locked",
    "40P01": "locked",
    "42501": "unwritable",
    "53100": "full",
    "55P03": "locked",
    "57014": "locked",
}

_SENTENCES = {
    "locked": "Another process keeps {name} locked. Wait for it or end it (`{who}` tells which), then repeat the request.",
    "full": "There is no space left for {name}. Free some space, then repeat the request.",
    "unwritable": "It is not possible to write {name}: {said}. {allow}, then repeat the request.",
    "damaged": "It is not possible to read {name}: {said}. Put a copy that is whole in its place; or move it away to begin "
    "with an empty store, which ends the clusters that run.",
    "": "It is not possible to use {name}: {said}. {look}, then repeat the request.",
}

#: Faults that leave an open connection as good as it was.
PASSING = frozenset({"locked", "full"})


def kind_of(error: sa.exc.DBAPIError, url: sa.URL) -> str:
    """Return what a database's error is: "locked", "full", "unwritable" or "damaged"; "" = something else."""
    if url.get_backend_name() != "sqlite":
        return _POSTGRESQL.get(getattr(error.orig, "sqlstate", None) or "", "")
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the rest of it tells details
    if code == sqlite3.SQLITE_IOERR and _is_full(Path(url.database or "")):
        return "full"
    return _SQLITE.get(code, "")


def explain(error: sa.exc.DBAPIError, url: sa.URL) -> str:
    """Return what a database's error means, and what to do next, in two sentences."""
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        who = f"fuser {path}"
        allow = f"Let this user write the file and its folder {path.parent}, which has to be there"
        look = "See that its disk is there and works"
    else:
        who = "SELECT * FROM pg_stat_activity"
        allow = "Let the user of DbxApp.store_url make and write tables"
        look = "Start PostgreSQL, or set DbxApp.store_url to where it is"
    said = str(error.orig).strip().partition("\n")[0].rstrip(".")
    sentences = _SENTENCES[kind_of(error, url)]
    return sentences.format(name=name_of(url), said=said, who=who, allow=allow, look=look)


def name_of(url: sa.URL) -> str:
    """Return what the store is called towards users: without its password and its options."""
    if url.get_backend_name() == "sqlite":
        return f"the store {url.database}"
    return f"the store {url.set(query={}).render_as_string(hide_password=True)}"


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _FULL_BYTES
    except OSError:
        return False
