"""Runs the driver daemon: `python -m jupyter_dbx.driver CONFIG`."""

from __future__ import annotations

import sys

from jupyter_dbx.driver.daemon import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
