"""`python -m jupyter_dbx.worker`: PySpark's daemon, whose workers follow their notebook."""

from __future__ import annotations

from jupyter_dbx.worker.following import install

install()

from pyspark.daemon import manager  # noqa: E402  # it imports what `install` patches

if __name__ == "__main__":
    manager()
