"""`jupyter dbx`: the parser that all verbs share, and the entry point."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from jupyter_dbx import __version__
from jupyter_dbx.cli import completion, demo, doctor, serve
from jupyter_dbx.cli.clusters import command as clusters
from jupyter_dbx.cli.exits import Exit, exit_code, help_of
from jupyter_dbx.cli.terminal import prepare_streams, say
from jupyter_dbx.model.errors import DbxError

#: Modules of the verbs, in the order of the help.
VERBS = (clusters, serve, doctor, demo, completion)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of every verb."""
    parser = argparse.ArgumentParser(
        prog="jupyter dbx", description="Managed Spark clusters inside Jupyter, on your own machines."
    )
    parser.add_argument("--version", action="version", version=f"jupyter_dbx {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    for verb in VERBS:
        verb.add_parser(verbs)
    parser.set_defaults(run=help_of(parser))
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code: one of `Exit`, or 128 + n = ended by signal n.

    Parameters
    ----------
    argv : without the program's name; None = the command line's
    """
    prepare_streams()
    try:
        try:
            return _run(argv)
        finally:
            sys.stdout.flush()  # here, where a failure can be told
    except DbxError as error:
        say(f"jupyter dbx: {error.message}")
        return exit_code(error)
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            say("")  # the prompt of the shell is not to follow a ^C
        return Exit.INTERRUPTED
    except BrokenPipeError:  # as `| head` does, which has seen enough
        _give_up_stdout()
        return Exit.BROKEN_PIPE
    except OSError as error:  # such as a full disk
        _give_up_stdout()
        say(f"jupyter dbx: {f'{error.filename}: ' if error.filename else ''}{error.strerror or error}")
        return Exit.FAILED


def _run(argv: Sequence[str] | None) -> int:
    parser = make_parser()
    completion.complete(parser)
    args, rest = parser.parse_known_args(argv)
    if rest and not hasattr(args, "jupyter_options"):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    args.jupyter_options = rest
    return int(args.run(args))


def _give_up_stdout() -> None:
    """Let Python write to nowhere what it still has, when it ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # a test's own stream has no file
        pass
