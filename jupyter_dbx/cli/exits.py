"""Exit codes of `jupyter dbx`, and the errors that the command line itself finds."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from enum import IntEnum

from jupyter_dbx.kernel.client import NoSuchCluster, RequestFailed, ServerUnreachable
from jupyter_dbx.model.errors import DbxError


class Exit(IntEnum):
    """What a script can tell from a command's end."""

    OK = 0
    #: refused or gone wrong, as the message on stderr says
    FAILED = 1
    #: the command line makes no sense, or needs `--yes`
    USAGE = 2
    #: no cluster has this name or id, or several have this name
    NO_CLUSTER = 3
    #: the cluster's state does not allow it
    WRONG_STATE = 4
    #: there is no server, it does not answer, or it does not take the token
    NO_SERVER = 5
    #: `--timeout` passed; what was asked for goes on
    TIMED_OUT = 6
    #: Ctrl-C; what was asked for goes on
    INTERRUPTED = 130
    #: nobody reads our output any more
    BROKEN_PIPE = 141


#: For the help of every verb that talks to a server.
EXIT_CODES = (
    "exit codes: 0 done, 1 failed, 2 wrong usage, 3 no such cluster, 4 its state does not allow this, 5 no server, "
    "6 timed out (it goes on), 130 interrupted (it goes on)"
)


class UsageFault(DbxError):
    """These arguments make no sense together."""


class WrongState(DbxError):
    """The cluster is in no state for this."""


class NameTaken(DbxError):
    """There is a cluster of this name already."""


class TimedOut(DbxError):
    """It took longer than `--timeout`; it goes on."""


class ClusterFailed(DbxError):
    """The cluster did not get to where it was asked to go."""


def exit_code(error: DbxError) -> Exit:
    """Return the exit code of a command that ends with this error."""
    if isinstance(error, RequestFailed) and error.error_code == "INVALID_STATE":
        return Exit.WRONG_STATE
    if isinstance(error, RequestFailed) and error.status in (401, 403):
        return Exit.NO_SERVER
    known = {
        UsageFault: Exit.USAGE,
        NoSuchCluster: Exit.NO_CLUSTER,
        WrongState: Exit.WRONG_STATE,
        ServerUnreachable: Exit.NO_SERVER,
        TimedOut: Exit.TIMED_OUT,
    }
    return known.get(type(error), Exit.FAILED)


def help_of(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    """Return what runs if a verb is missing: it tells which there are."""

    def run(_: argparse.Namespace) -> int:
        parser.print_help(sys.stderr)
        return Exit.USAGE

    return run
