"""THE COMMAND LINE: `jupyter dbx VERB`.

A thin room: it checks this machine (`doctor`), runs the quickstart notebook on a temporary cluster (`demo`), runs a server
without notebooks (`serve`), and is an ordinary client of the REST API (`clusters`). May import `model`, `spark`, `client` and
`runner`; of other packages argcomplete, psutil, nbformat, jupyter_core, pandas (with which the demo verifies Spark's totals),
and jupyter_server (for `serve` only).

A verb is a module with two functions: `add_parser(verbs)` declares its arguments, `run(args)` executes it and returns the exit
code (`exits.Exit`). It is listed in `command.VERBS`. The result goes to stdout, everything else to stderr.
"""

from jupyter_dbx.cli.command import main

__all__ = ["main"]
