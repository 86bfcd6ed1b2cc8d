"""`jupyter dbx`: the parser that all verbs share, and the entry point."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from jupyter_dbx import __version__
from jupyter_dbx.cli import demo, doctor
from jupyter_dbx.model.errors import DbxError

#: Modules of the verbs, in the order of the help.
VERBS = (doctor, demo)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of every verb."""
    parser = argparse.ArgumentParser(
        prog="jupyter dbx", description="Managed Spark clusters inside Jupyter, on your own machines."
    )
    parser.add_argument("--version", action="version", version=f"jupyter_dbx {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in VERBS:
        verb.add_parser(verbs)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code: 0 = well, 1 = not, 2 = wrong usage, 128 + n = ended by signal n.

    Parameters
    ----------
    argv : without the program's name; None = the command line's
    """
    args = make_parser().parse_args(argv)
    try:
        return int(args.run(args))
    except DbxError as error:
        print(f"jupyter dbx: {error.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
