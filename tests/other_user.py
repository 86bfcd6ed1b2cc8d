"""Processes of other OS users, without accounts on the machine: for tests of what OS users share, and of what they must not.

The interpreter, its packages and the checkout may be below a folder that other users cannot enter, such as `/root`. Commands
therefore run in mount namespaces of their own, where only the needed part of such a folder is visible, to everyone, and where
`/etc/passwd` and `/etc/group` also list the users of the test.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import jupyter_dbx

#: The first user ID that may be used; accounts of people and of services have lower ones.
FIRST_UID = 61_000

#: What a user's processes must not inherit from those of the tests: names and folders of another user.
PRIVATE = ("JUPYTER", "JPY_", "DBX_", "XDG_", "PYTEST", "HOME", "USER", "LOGNAME", "MAIL", "SUDO_")


@dataclass(frozen=True)
class User:
    """An OS user that exists in the namespaces of a test only; its group has the same name and number."""

    name: str
    uid: int
    #: belongs to the user, and is closed to others
    home: Path

    @property
    def prefix(self) -> list[str]:
        """Return what a command begins with to run as this user, without any right of root. Its caller is root."""
        names = {"HOME": str(self.home), "USER": self.name, "LOGNAME": self.name, "SHELL": "/bin/sh"}
        rights = [f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups", "--no-new-privs"]
        hidden = [f"--unset={name}" for name in os.environ if name.startswith(PRIVATE)]
        return ["setpriv", *rights, "--", "env", *hidden, *(f"{name}={value}" for name, value in names.items())]

    def own(self, path: Path) -> Path:
        """Give a file or folder, which root has made, to this user; return it."""
        os.chown(path, self.uid, self.uid)
        return path


@dataclass(frozen=True)
class Namespace:
    """Mount namespaces in which some users exist, and in which they can run the tests' Python."""

    users: tuple[User, ...]
    #: what a command of root begins with to run in such a namespace
    prefix: tuple[str, ...]

    def run(self, user: User, code: str, *arguments: str, timeout_s: float = 60) -> str:
        """Run Python code as a user, in its home; return its output, and fail with its errors."""
        command = [*self.prefix, *user.prefix, sys.executable, "-c", code, *arguments]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s, cwd=user.home
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextlib.contextmanager
def other_users(*names: str, visible: Sequence[Path] = ()) -> Iterator[Namespace]:
    """Give OS users with these names, who do not exist on the machine; skip the test where that is impossible.

    At the end nothing of them may run anymore, and their homes are removed.

    Parameters
    ----------
    visible : files and folders that they reach at their paths, even if a folder above is closed to them; whether they may
        read them is up to the modes of each
    """
    if reason := _why_impossible():
        pytest.fail(reason) if os.environ.get("CI_REQUIRES_OS_USERS") else pytest.skip(reason)
    users = []
    for name, uid in zip(names, _free_uids(), strict=False):
        home = Path(tempfile.mkdtemp(prefix=f"home-of-{name}-"))
        users.append(User(name, uid, home))
        users[-1].own(home)
    try:
        yield Namespace(tuple(users), tuple(open_namespace(users, visible)))
        left = [line for user in users for line in processes_of(user)]
        assert left == [], "processes are left"
    finally:
        for user in users:
            shutil.rmtree(user.home, ignore_errors=True)


def open_namespace(users: Sequence[User], visible: Sequence[Path] = ()) -> list[str]:
    """Return what a command of root begins with to run in a new mount namespace; its process is the command's own.

    Parameters
    ----------
    users, visible : as in `other_users`
    """
    needed = [sys.prefix, sys.base_prefix, Path(jupyter_dbx.__file__).parents[1], Path(__file__).parents[1], *visible]
    folders = sorted({Path(os.path.realpath(folder)) for folder in needed})
    lines = ["mask=$(umask)", "umask 022", "hold=$(mktemp -d)"]
    lines += ['mount -t tmpfs -o mode=700 tmpfs "$hold"', 'mkdir "$hold/closed"']
    for closed in sorted({found for folder in folders if (found := _closed_parent(folder))}):
        lines += [f'mount --rbind {_word(closed)} "$hold/closed"', f"mount -t tmpfs -o mode=755 tmpfs {_word(closed)}"]
        for folder in folders:
            if folder.is_relative_to(closed) and not any(above in folders for above in folder.parents):
                source = f'"$hold/closed"/{_word(folder.relative_to(closed))}'
                make = "mkdir -p" if folder.is_dir() else f"mkdir -p {_word(folder.parent)} && touch"
                lines += [f"{make} {_word(folder)}", f"mount --rbind {source} {_word(folder)}"]
        lines.append('umount -l "$hold/closed"')
    for file, line in (("passwd", "{0}:x:{1}:{1}::{2}:/bin/sh"), ("group", "{0}:x:{1}:")):
        added = "".join(line.format(user.name, user.uid, user.home) + "\n" for user in users)
        lines += [
            f'{{ cat /etc/{file}; printf %s {_word(added)}; }} > "$hold/{file}"',
            f'chmod 644 "$hold/{file}"',
            f'mount --bind "$hold/{file}" /etc/{file}',
        ]
    lines += ['umount -l "$hold"', 'rmdir "$hold"', 'umask "$mask"', 'exec "$@"']
    return ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-euc", "\n".join(lines), "namespace"]


def processes_of(user: User) -> list[str]:
    """Return the processes of a user: process ID and command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == user.uid:
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if words:  # a zombie has none
                    found.append(f"{folder.name} {words[:200]}")
    return found


def _why_impossible() -> str:
    """Return why there can be no other OS users here, or ""."""
    if not sys.platform.startswith("linux"):
        return "mount namespaces are a feature of Linux"
    if os.geteuid() != 0:
        return "only root can start processes of other OS users"
    if missing := [tool for tool in ("unshare", "setpriv", "mount") if shutil.which(tool) is None]:
        return f"{missing[0]} is not installed"
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True)
    return f"this machine allows no mount namespaces: {tried.stderr.strip()}" if tried.returncode else ""


def _free_uids() -> Iterator[int]:
    """Yield user IDs that no account and no process has; processes that test in parallel begin at different ones."""
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            taken.add(folder.stat().st_uid)
    yield from (uid for uid in range(FIRST_UID + os.getpid() % 300 * 10, 65_000) if uid not in taken)


def _closed_parent(folder: Path) -> Path | None:
    """Return the first folder on the way to this one, from the root, that other users cannot enter; None = they can."""
    return next((above for above in reversed(folder.parents) if not above.stat().st_mode & stat.S_IXOTH), None)


def _word(value: object) -> str:
    return shlex.quote(str(value))
