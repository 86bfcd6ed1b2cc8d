"""Following a log that grows, is truncated and ends; reading one longer than a chunk; unsafe paths of logs."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_dbx.cli.clusters import logs
from jupyter_dbx.cli.clusters.logs import NoSuchLog
from jupyter_dbx.model.answers.answer import decode
from jupyter_dbx.model.answers.clusters import ClusterView
from jupyter_dbx.model.answers.logs import LogList, LogPart

PATH = "d1/driver/stderr"


class GrowingLog:
    """A client of a server with one log, which changes at each request."""

    def __init__(self, text: bytes, *changes: Callable[[bytes], bytes]) -> None:
        self.text = text
        self._changes: Iterator[Callable[[bytes], bytes]] = iter(changes)
        self.live = True

    def find_cluster(self, name: str) -> ClusterView:
        return ClusterView(cluster_id="1", cluster_name=name, state="RUNNING")

    def list_logs(self, cluster_id: str) -> LogList:
        log = {"path": PATH, "role": "driver", "size": len(self.text), "modified_time": 1, "live": self.live}
        change = next(self._changes, None)
        self.live = change is not None
        self.text = change(self.text) if change else self.text
        return decode(LogList, {"logs": [log]})

    def read_log(
        self, cluster_id: str, path: str, *, offset: int = 0, limit: int = 0, tail: int | None = None
    ) -> LogPart:
        assert path == PATH
        begin = offset if tail is None else len(self.text) - len(b"".join(self.text.splitlines(True)[-tail:]))
        text = self.text[begin : begin + limit] if limit else self.text[begin:]
        part = {"text": text.decode(), "offset": begin, "next_offset": begin + len(text), "size": len(self.text)}
        return decode(LogPart, part)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    """Runs the verb on such a server; returns its stdout and stderr."""

    def run(log: GrowingLog, *options: str) -> tuple[str, str]:
        monkeypatch.setattr(logs, "connect", lambda args: log)
        monkeypatch.setattr(logs, "POLL_S", 0.0)
        monkeypatch.setattr(logs, "CHUNK_BYTES", 10)
        parser = argparse.ArgumentParser()
        logs.add_parsers(parser.add_subparsers())
        args = parser.parse_args(["logs", "etl", *options])
        assert args.run(args) == 0
        return capsys.readouterr()

    return run


def added(text: str) -> Callable[[bytes], bytes]:
    return lambda old: old + text.encode()


def truncated(text: str) -> Callable[[bytes], bytes]:
    return lambda old: text.encode()


def same(old: bytes) -> bytes:
    return old


def test_new_lines_are_printed_once_and_in_order(read: Callable[..., tuple[str, str]]) -> None:
    log = GrowingLog(
        b"a\nb\nc\n", same, added("d\n"), same, added("e\nf\ng\nh\ni\nj\nk\nl\n"), same, same, added("m\n"), same
    )

    out, err = read(log, "--follow", "--tail", "2")

    assert out == "b\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\n"
    assert err == f"{PATH}: the process ended.\n"


def test_truncated_log_is_read_from_its_beginning(read: Callable[..., tuple[str, str]]) -> None:
    log = GrowingLog(b"old 1\nold 2\n", same, truncated("new 1\n"), same, added("new 2\n"), same, same)

    out, _ = read(log, "--follow")

    assert out == "old 1\nold 2\nnew 1\nnew 2\n"


def test_whole_log_is_read_in_chunks(read: Callable[..., tuple[str, str]]) -> None:
    text = "".join(f"line {n}\n" for n in range(50))

    assert read(GrowingLog(text.encode(), same, same), "--tail", "all") == (text, "")


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", ""])
def test_no_log_is_saved_outside_of_the_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(NoSuchLog, match="cannot be saved below a folder"):
        logs._save(GrowingLog(b""), {"cluster_id": "1"}, path, tmp_path / "logs")  # type: ignore[arg-type]

    assert list(tmp_path.iterdir()) == []
