"""Runs the driver daemon: `python -m jupyter_dbx.driver CONFIG`."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from jupyter_dbx.driver.daemon import DriverDaemon
from jupyter_dbx.driver.handlers import make_application
from jupyter_dbx.model.codec import decode
from jupyter_dbx.model.protocol import DriverConfig


def main(config_path: Path) -> int:
    """Run the daemon that the configuration file describes; return its exit code."""
    config = decode(DriverConfig, config_path.read_text())
    daemon = DriverDaemon(config, config_path.parent)
    return asyncio.run(daemon.run(make_application(daemon)))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it logs every connection that it closes
    sys.exit(main(Path(sys.argv[1])))
