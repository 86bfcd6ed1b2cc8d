"""JupyterLab with simulated clusters; runs as a program with the options of `jupyter lab`."""

from __future__ import annotations

import sys
from pathlib import Path

from jupyterlab.labapp import LabApp

sys.path.insert(0, str(Path(__file__).parents[1] / "rest"))  # where `memory_app.py` is

import memory_app

if __name__ == "__main__":
    memory_app.replace_drivers()
    LabApp.launch_instance()
