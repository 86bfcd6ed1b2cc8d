"""Exit codes of `jupyter dbx`, and the errors of the command line itself."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from enum import IntEnum

from jupyter_dbx.client.transport import NoSuchCluster, RequestFailed, ServerUnreachable
from jupyter_dbx.model.errors import DbxError, Reason


class Exit(IntEnum):
    """Exit code of a command, for scripts."""

    OK = 0
    #: failed; stderr has the message
    FAILED = 1
    #: the command line is invalid, or needs `--yes`
    USAGE = 2
    #: no cluster has this name or ID, or several have this name
    NO_CLUSTER = 3
    #: the cluster's state does not allow it
    WRONG_STATE = 4
    #: no server was found, it does not respond, or it does not accept the token
    NO_SERVER = 5
    #: `--timeout` expired; the cluster continues
    TIMED_OUT = 6
    #: Ctrl-C; the cluster continues
    INTERRUPTED = 130
    #: the reader of stdout is gone
    BROKEN_PIPE = 141


#: For the help of every verb that connects to a server.
EXIT_CODES = (
    "exit codes: 0 done, 1 failed, 2 invalid usage, 3 no such cluster, 4 the cluster's state does not allow this, "
    "5 no server, 6 timed out (the cluster continues), 130 interrupted (the cluster continues)"
)


class UsageFault(DbxError):
    """These arguments contradict each other."""


class WrongState(DbxError):
    """The cluster's state does not allow this."""


class NameTaken(DbxError):
    """A cluster with this name already exists."""


class TimedOut(DbxError):
    """`--timeout` expired; the cluster continues."""


class ClusterFailed(DbxError):
    """The cluster did not reach the requested state."""


def exit_code(error: DbxError) -> Exit:
    """Return the exit code for an error."""
    if isinstance(error, RequestFailed) and error.reason is Reason.INVALID_STATE:
        return Exit.WRONG_STATE
    if isinstance(error, RequestFailed) and error.status == 401:  # 403 = a permission is missing: the token was checked
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
    """Return the function that runs if the verb is missing: it prints the help."""

    def run(_: argparse.Namespace) -> int:
        parser.print_help(sys.stderr)
        return Exit.USAGE

    return run
