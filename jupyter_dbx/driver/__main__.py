"""Runs the driver daemon: `python -m jupyter_dbx.driver CONFIG`."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path

from jupyter_dbx.driver.context import DriverConfig
from jupyter_dbx.driver.daemon import DriverDaemon
from jupyter_dbx.driver.handlers import make_application
from jupyter_dbx.model.wire import from_document


def main(config_path: Path) -> int:
    """Run the daemon that the configuration file describes; return its exit code."""
    config = from_document(DriverConfig, json.loads(config_path.read_text()))
    daemon = DriverDaemon(config, config_path.parent)
    return asyncio.run(daemon.run(make_application(daemon)))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of every connection it closes
    sys.exit(main(Path(sys.argv[1])))
