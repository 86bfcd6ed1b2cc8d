"""JupyterLab with simulated clusters; runs as a program with the options of `jupyter lab`."""

from __future__ import annotations

import sys
from pathlib import Path

from jupyterlab.labapp import LabApp

sys.path.insert(0, str(Path(__file__).parents[1] / "rest"))  # where `memory_app.py` is

import memory_app

from jupyter_dbx.app import DbxApp

if __name__ == "__main__":
    DbxApp.read_status = memory_app.read_status
    DbxApp.notify_driver = memory_app.notify_driver
    LabApp.launch_instance()
