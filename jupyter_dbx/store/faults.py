"""Explains database errors to the user, with what to do next."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import sqlalchemy as sa

#: A disk with less free space counts as full, bytes: SQLite extends its files in larger steps.
_FULL_BYTES = 64 * 1024

#: SQLite result code → kind of fault. Source: sqlite.org, Result and Error Codes.
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

#: SQLSTATE → kind of fault. Source: PostgreSQL, Appendix A.
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
    "locked": "Another process has locked {name}. Wait for it or stop it (`{who}` shows it), then repeat the request.",
    "full": "No disk space is left for {name}. Free some space, then repeat the request.",
    "unwritable": "Cannot write to {name}: {reason}. {allow}, then repeat the request.",
    "damaged": "Cannot read {name}: {reason}. Restore an intact copy, or move the file away to start with "
    "an empty store, which terminates the running clusters.",
    "": "Cannot use {name}: {reason}. {check}, then repeat the request.",
}

#: Faults after which an open connection is still usable.
TRANSIENT = frozenset({"locked", "full"})


def kind_of(error: sa.exc.DBAPIError, url: sa.URL) -> str:
    """Return the kind of a database error: "locked", "full", "unwritable" or "damaged"; "" = other."""
    if url.get_backend_name() != "sqlite":
        return _POSTGRESQL.get(getattr(error.orig, "sqlstate", None) or "", "")
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the other bits are details
    if code == sqlite3.SQLITE_IOERR and _is_full(Path(url.database or "")):
        return "full"
    return _SQLITE.get(code, "")


def explain(error: sa.exc.DBAPIError, url: sa.URL) -> str:
    """Return two sentences: the cause of a database error, and what to do."""
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        who = f"fuser {path}"
        allow = f"Give this user write access to the file and its folder {path.parent}, which must exist"
        check = "Check that its disk is mounted and works"
    else:
        who = "SELECT * FROM pg_stat_activity"
        allow = "Give the user of DbxApp.store_url the right to create and write tables"
        check = "Start PostgreSQL, or set DbxApp.store_url to its address"
    reason = str(error.orig).strip().partition("\n")[0].rstrip(".")
    sentences = _SENTENCES[kind_of(error, url)]
    return sentences.format(name=name_of(url), reason=reason, who=who, allow=allow, check=check)


def name_of(url: sa.URL) -> str:
    """Return the store's name for messages, without password and options."""
    if url.get_backend_name() == "sqlite":
        return f"the store {url.database}"
    return f"the store {url.set(query={}).render_as_string(hide_password=True)}"


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _FULL_BYTES
    except OSError:
        return False
