"""THE COMMAND LINE: `jupyter dbx VERB`.

A thin room: it looks at this machine (`doctor`), runs the quickstart notebook on a cluster of its own (`demo`), runs a
server without notebooks (`serve`), and is a client of the REST API like any other (`clusters`). May import `model`, `spark`,
of the kernel `client` and the words that people read (`wording`, `event_words`); of others argcomplete, psutil, nbclient,
nbformat, jupyter_core, pandas, which the demo checks Spark's totals with, and jupyter_server, for `serve` only.

A verb is a module with two functions: `add_parser(verbs)` says what it takes, `run(args)` does it and returns the exit
code (`exits.Exit`). It is listed in `command.VERBS`. The answer goes to stdout, everything else to stderr.
"""

from jupyter_dbx.cli.command import main

__all__ = ["main"]
