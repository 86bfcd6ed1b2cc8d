"""`jupyter dbx`: the parser of all verbs, and the entry point."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from jupyter_dbx import __version__
from jupyter_dbx.cli import completion, demo, doctor, permissions, serve, tokens
from jupyter_dbx.cli.clusters import command as clusters
from jupyter_dbx.cli.exits import Exit, exit_code, help_of
from jupyter_dbx.cli.terminal import notify, prepare_streams
from jupyter_dbx.model.errors import DbxError

#: Modules of the verbs, in the order in which help lists them.
VERBS = (clusters, permissions, tokens, serve, doctor, demo, completion)


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
    """Run one verb and return its exit code: one of `Exit`, or 128 + n after signal n.

    Parameters
    ----------
    argv : without the program's name; None = those of the process
    """
    prepare_streams()
    try:
        try:
            return _run(argv)
        finally:
            sys.stdout.flush()  # here, where a failure can still be reported
    except DbxError as error:
        notify(f"jupyter dbx: {error.message}")
        return exit_code(error)
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            notify("")  # so that the shell's prompt does not follow the ^C
        return Exit.INTERRUPTED
    except BrokenPipeError:  # e.g. from `| head`
        _discard_stdout()
        return Exit.BROKEN_PIPE
    except OSError as error:  # e.g. a full disk
        _discard_stdout()
        notify(f"jupyter dbx: {f'{error.filename}: ' if error.filename else ''}{error.strerror or error}")
        return Exit.FAILED


def _run(argv: Sequence[str] | None) -> int:
    parser = make_parser()
    completion.complete(parser)
    args, rest = parser.parse_known_args(argv)
    if rest and not hasattr(args, "jupyter_options"):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    args.jupyter_options = rest
    return int(args.run(args))


def _discard_stdout() -> None:
    """Discard what Python still flushes to stdout at its exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # a stream without a file descriptor, as in tests
        pass
