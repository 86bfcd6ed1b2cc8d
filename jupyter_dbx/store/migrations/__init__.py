"""How stores of older code become stores of this code: one file in `versions/` for each revision of the schema.

To change the schema: change `store/tables.py`, write the next file in `versions/` (`0003`, with the one before as its
`down_revision`) and set `SCHEMA_REVISION` in `tables.py`. `tests/contract/test_schema.py` fails until a store made by the
migrations has the same tables as a new one.

* A migration is a fact of the past: it imports neither `tables.py` nor the model, and does not change once it is released.
* It keeps every row. All of an upgrade is one transaction, on both databases, so a failed one leaves the store as it was.
* There is no way back: older code refuses a newer store.
"""
