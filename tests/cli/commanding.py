"""`jupyter-dbx` as a process, for scripts (stdout, stderr, exit code) and on a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from http_client import create, fetch, wait_for
from live import Server, wait_until

PROGRAM = str(Path(sys.executable).with_name("jupyter-dbx"))

#: Time limit of a command, s.
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Result:
    """Exit code and output of a command."""

    code: int
    stdout: str
    stderr: str

    def ok(self) -> str:
        """Return stdout; asserts success and an empty stderr."""
        assert (self.code, self.stderr) == (0, ""), self
        return self.stdout


@dataclass(frozen=True)
class Shell:
    """Runs commands in an environment without the user's own settings."""

    environ: Mapping[str, str]

    @classmethod
    def clean(cls, folder: Path, **variables: str) -> Shell:
        """Return a shell with an empty home folder, which finds no server."""
        foreign = ("JUPYTER", "JPY_", "DBX_", "DATABRICKS_", "PYTHONIOENCODING", "NO_COLOR", "_ARGCOMPLETE", "COMP_")
        own = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        for name in ("home", "runtime"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        folders = {"HOME": str(folder / "home"), "JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "TERM": "xterm"}
        return cls(own | folders | variables)

    def with_variables(self, **variables: str) -> Shell:
        """Return this shell with additional variables."""
        return Shell({**self.environ, **variables})

    def run(self, *args: str, stdin: str = "") -> Result:
        """Run a command; asserts that it prints no traceback."""
        done = subprocess.run(
            [PROGRAM, *args], env=self.environ, input=stdin, capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Result(done.returncode, done.stdout, done.stderr)

    def sh(self, script: str) -> Result:
        """Run a bash script, in which the command is `dbx`."""
        line = f"dbx() {{ '{PROGRAM}' \"$@\"; }}; {script}"
        done = subprocess.run(
            ["bash", "-c", line], env=self.environ, capture_output=True, text=True, timeout=PATIENCE_S
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def clusters(self, *args: str, stdin: str = "") -> Result:
        """Run `jupyter-dbx clusters …`."""
        return self.run("clusters", *args, stdin=stdin)

    def begin(self, *args: str) -> Command:
        """Start a command without waiting for it."""
        return Command(args, self.environ)


class Command:
    """A running command; stdout and stderr share one pipe."""

    def __init__(self, args: tuple[str, ...], environ: Mapping[str, str]) -> None:
        self.output = ""
        self._process = subprocess.Popen(
            [PROGRAM, *args],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Background shells let their children ignore interrupts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        assert self._process.stdout is not None
        self._file = self._process.stdout.fileno()

    def expect(self, text: str) -> str:
        """Wait until this text is printed; return the whole output."""
        _read_until(self, self._file, text)
        return self.output

    def send(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def interrupt(self) -> int:
        """Press Ctrl-C; return the exit code."""
        self.send(signal.SIGINT)
        return self.end()

    def end(self) -> int:
        """Wait for the process to exit; return the exit code."""
        _read_until(self, self._file, None)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return self._process.wait(PATIENCE_S)

    def kill(self) -> None:
        """Kill the process if it is still running."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(PATIENCE_S)
        if self._process.stdout is not None:
            self._process.stdout.close()


class Terminal:
    """A command on a terminal, with keyboard input."""

    def __init__(self, shell: Shell, *args: str) -> None:
        self.output = ""
        self._pid, self._file = pty.fork()
        if self._pid == 0:
            os.execve(PROGRAM, [PROGRAM, *args], dict(shell.environ))

    def expect(self, text: str) -> str:
        """Wait until this text is shown; return the whole output."""
        _read_until(self, self._file, text)
        return self.output

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self._file, text.encode())

    def end(self) -> int:
        """Wait for the process to exit; return the exit code."""
        _read_until(self, self._file, None)
        os.close(self._file)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


def _read_until(source: Command | Terminal, file: int, text: str | None) -> None:
    """Read until the text appears; None = until the end."""
    deadline = time.monotonic() + PATIENCE_S
    while text is None or text not in source.output:
        assert time.monotonic() < deadline, source.output
        if not select.select([file], [], [], 0.5)[0]:
            continue
        try:
            chunk = os.read(file, 65_536)
        except OSError:  # a closed terminal raises
            chunk = b""
        if not chunk:
            assert text is None, f"{text!r} was never printed: {source.output}"
            return
        source.output += chunk.decode(errors="replace")


def plain(text: str) -> str:
    """Return a text without terminal control sequences."""
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]|\r", "", text)


def running(server: Server, **spec: Any) -> str:
    """Return the ID of a new running cluster whose load is known."""
    cluster_id = create(server, **spec)
    wait_for(server, cluster_id, "RUNNING")
    wait_until(lambda: fetch(server, "GET", f"api/dbx/clusters/{cluster_id}").body["live"], 20)
    return cluster_id
