"""REMEMBERS: versioned documents, leases and the event log, in SQLite by default, or in PostgreSQL.

The store is where the two halves of the product meet: managers write intent, controllers write facts. Five promises,
which `tests/contract/test_store.py` and its neighbours ask of both databases:

* an event is written in the same transaction as the change that caused it;
* a writer who read an older version fails with `Conflict` and changes nothing;
* `revision` grows with every change, by whichever process, so that a controller can wait for news;
* a database that is locked, full, damaged or gone is a `StoreUnavailable` that says what to do; nothing is half written,
  and the next call after the fault has gone works by itself;
* every call ends: `database.py` names all limits.

Values of secrets come sealed, and lie in a table of their own (`vault.py`): whoever has the database has not the secrets.

SQLAlchemy Core is used synchronously on one worker thread; every public method is async. May import `model` only.
"""

from jupyter_dbx.store.collection import Collection
from jupyter_dbx.store.store import LONGEST_LEASE_S, Store, until_next

__all__ = ["LONGEST_LEASE_S", "Collection", "Store", "until_next"]
