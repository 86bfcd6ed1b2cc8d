"""Two server processes on one store: one acts at any time, even if the other is killed or suspended."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import pytest

LEASE_S = 1.5

#: A server that only records that it acts, about fifty times a second: "NAME TIME", monotonic, s.
#: On SIGUSR1 it suspends itself between two transactions: during one it would keep SQLite locked.
_SERVER = """
import asyncio, os, signal, sys, time
from jupyter_dbx.controllers.base import Controller
from jupyter_dbx.store import Store

class Noter(Controller):
    stop = False

    async def keys(self):
        return ["all"]

    async def sweep(self):
        pass

    async def reconcile(self, key, due):
        os.write(NOTES, f"{NAME} {time.monotonic()}\\n".encode())
        if self.stop:
            self.stop = False
            await self.store.run(lambda _: os.kill(os.getpid(), signal.SIGSTOP))
        return 0.02

async def main(url, lease_s):
    store = await Store(url).open()
    noter = Noter(store, lease_s=float(lease_s), news_s=0.05)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_signal_handler(signal.SIGUSR1, setattr, noter, "stop", True)
    await noter.open()
    await ended.wait()
    await noter.close()
    await store.close()

NAME, notes, *arguments = sys.argv[1:]
NOTES = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
asyncio.run(main(*arguments))
"""


class Pair:
    """Two servers, "one" and "two"; "one" starts first."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._notes, self._log = url, folder / "notes", folder / "log"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        for name in ("one", "two"):
            self.begin(name)
            self.acts("one", 5)

    def begin(self, name: str) -> None:
        """Start a server, or start it again."""
        command = [sys.executable, "-c", _SERVER, name, str(self._notes), self._url, str(LEASE_S)]
        with self._log.open("ab") as log:
            self.processes[name] = subprocess.Popen(command, stderr=log)

    def notes(self) -> list[tuple[str, float]]:
        """Return which server acted when, in order of time."""
        lines = self._notes.read_text().splitlines() if self._notes.exists() else []
        return [(name, float(at)) for name, at in (line.split() for line in lines)]

    def acts(self, name: str, count: int) -> list[str]:
        """Return the other servers that acted while `name` acted `count` times."""
        before = self.notes()
        wait(lambda: sum(who == name for who, _ in self.notes()[len(before) :]) >= count)
        return [who for who, _ in self.notes()[len(before) :] if who != name]

    def turns(self) -> list[str]:
        """Return the sequence of acting servers."""
        return [name for name, _ in groupby(name for name, _ in self.notes())]

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a server."""
        self.processes[name].send_signal(number)

    def end(self) -> None:
        """Stop both, and assert that there was no unexpected error."""
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(30)
        assert "Traceback" not in self._log.read_text(), self._log.read_text()


def wait(condition: Callable[[], object]) -> None:
    """Wait until the condition is true, for much longer than a lease."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.01)


@pytest.fixture
def pair(url: str, tmp_path: Path) -> Iterator[Pair]:
    pair = Pair(url, tmp_path)
    yield pair
    pair.end()


def test_only_the_first_acts_while_both_run(pair: Pair) -> None:
    wait(lambda: pair.notes()[-1][1] - pair.notes()[0][1] > 3 * LEASE_S)

    assert pair.turns() == ["one"]


def test_the_other_server_takes_over_from_a_killed_one_when_its_lease_expires(pair: Pair) -> None:
    pair.signal("one", signal.SIGKILL)
    pair.processes["one"].wait(30)
    pair.acts("two", 1)
    pair.begin("one")

    assert pair.acts("two", 100) == []
    assert pair.turns() == ["one", "two"]
    instants = {name: [at for who, at in pair.notes() if who == name] for name in ("one", "two")}
    # It was renewed at most a third of its term ago, so more than half of it was left.
    assert instants["two"][0] - instants["one"][-1] > LEASE_S / 2


def test_a_resumed_server_does_not_act_beside_the_other(pair: Pair) -> None:
    pair.signal("one", signal.SIGUSR1)
    pair.acts("two", 50)

    resumed = time.monotonic()
    pair.signal("one", signal.SIGCONT)
    wait(lambda: pair.notes()[-1][1] > resumed + LEASE_S)

    late = [at - resumed for name, at in pair.notes() if name == "one" and at > resumed]
    assert all(after < LEASE_S / 3 for after in late), late
    assert pair.acts("two", 50) == []
