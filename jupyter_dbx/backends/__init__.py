"""WHERE NODES LIVE: one file a place, behind the contract in `base.py`.

A backend gets machines and keeps named daemons running on them; it knows no Spark. New ones are found through the entry
point group `jupyter_dbx.backends`. May import `model`; a library for one place is imported in that place's file only.
"""
