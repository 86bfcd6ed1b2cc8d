"""A private PostgreSQL server for tests: no port, no password, and removed when the tests end in any way."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

#: Where Debian installs the server, outside of PATH.
_DEBIAN = Path("/usr/lib/postgresql")

#: Ends the server and removes its files as soon as the pipe from the tests is closed, also if they crash. Uses the
#: system's `rm`, because the PATH of the tests may contain folders that the server's user cannot enter.
_GUARD = 'read -r line; "$1/pg_ctl" -D "$2/data" -m immediate stop; command -p rm -rf "$2"'

#: No durability, and access only through a socket in the server's folder.
_OPTIONS = "-c fsync=off -c full_page_writes=off -c listen_addresses= -c max_connections=40 -k {folder}"


def find_binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, or None."""
    found = [path.parent for path in _DEBIAN.glob("*/bin/postgres")]
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return max(found, key=lambda path: (path / "initdb").exists(), default=None)


class Postgres:
    """One running server."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="dbx-pg-"))
        self._numbers = count()
        #: PostgreSQL refuses to run as root
        self._as: dict[str, Any] = {}
        if os.getuid() == 0:
            user = _unprivileged_user()
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "sh", str(binaries), str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            **self._as,
        )
        self._run("initdb", "--username=dbx", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()

    def new_database(self) -> str:
        """Return the SQLAlchemy URL of an empty database; it is a schema, which is created a hundred times faster."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE SCHEMA {name}")
        return f"postgresql://dbx@/postgres?host={self._folder}&options=-csearch_path%3D{name}"

    def sql(self, command: str) -> None:
        """Run a command as the server's owner."""
        import psycopg  # installed wherever this is called

        with psycopg.connect(host=str(self._folder), user="dbx", dbname="postgres", autocommit=True) as connection:
            connection.execute(command.encode())

    def start(self) -> None:
        """Start the server and return when it accepts connections."""
        options = _OPTIONS.format(folder=self._folder)
        self._run("pg_ctl", "--wait", "--timeout=60", f"--log={self._folder}/log", f"--options={options}", "start")

    def stop(self) -> None:
        """Stop the server and all connections."""
        self._run("pg_ctl", "--wait", "--timeout=60", "--mode=fast", "stop")

    def hang(self) -> None:
        """Suspend every process of the server, until `wake`."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Resume a suspended server."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop the server and remove its files."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait(60)
        assert not self._folder.exists()

    def _signal(self, number: int) -> None:
        postmaster = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        # The postmaster first, so that it starts no new process meanwhile.
        for pid in [postmaster, *_children(postmaster)]:
            with contextlib.suppress(ProcessLookupError):  # a connection has just closed
                os.kill(pid, number)

    def _run(self, program: str, *options: str) -> None:
        command = [str(self._binaries / program), f"--pgdata={self._folder}/data", *options]
        nobody = subprocess.DEVNULL
        # Not through pipes: the server would keep them open.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(command, stdin=nobody, stdout=output, stderr=output, cwd="/", timeout=90, **self._as)
            output.seek(0)
            assert done.returncode == 0, output.read().decode(errors="replace")


def _children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _unprivileged_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("no unprivileged user for PostgreSQL was found")
