"""PERSISTS: versioned documents, leases and the event log, in SQLite by default, or in PostgreSQL.

The store connects the two halves of the product: managers write intent, controllers write facts. It keeps five promises,
which `tests/contract/test_store.py` and related tests check on both databases:

* an event is written in the same transaction as the change that caused it;
* a write based on an older version fails with `Conflict` and changes nothing;
* `revision` increases with every change by any process, so that a controller can wait for changes;
* a database that is locked, full, damaged or unreachable raises `StoreUnavailable`, which states what to do. Nothing is half
  written, and calls succeed again once the fault is gone;
* every call has a time limit; `database.py` lists them.

Documents have keys; events, pulses and samples belong to a subject (`model/subject.py`) of any kind. Values of secrets arrive
encrypted and are in a separate table (`vault.py`): the database alone does not reveal them.

The schema has revisions (`migrations/`). Opening an older store upgrades it in place; a newer store is an error (`schema.py`).

SQLAlchemy Core runs synchronously on one worker thread; every public method is async. May import `model` only.
"""

from jupyter_dbx.store.collection import Collection
from jupyter_dbx.store.store import MAX_LEASE_S, Store, until_next

__all__ = ["MAX_LEASE_S", "Collection", "Store", "until_next"]
