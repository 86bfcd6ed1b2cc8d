"""THE COMMAND LINE: `jupyter dbx VERB`.

A thin room: it looks at this machine (`doctor`), runs the quickstart notebook on a cluster of its own (`demo`), and is a
client of the REST API like any other. May import `model`, `spark` and `kernel.client`; of others psutil, nbclient,
nbformat, jupyter_core, and pandas, which the demo checks Spark's totals with.

A verb is a module with two functions: `add_parser(verbs)` says what it takes, `run(args)` does it and returns the exit
code. It is listed in `command.VERBS`.
"""

from jupyter_dbx.cli.command import main

__all__ = ["main"]
