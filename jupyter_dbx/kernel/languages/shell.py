"""Runs programs for a cell: output is shown while they run, and an interrupt ends them."""

from __future__ import annotations

import codecs
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

#: Largest piece of a program's output that is written at once, bytes.
PIECE_BYTES = 65_536

#: How long a program may take to end after an interrupt, s.
GRACE_S = 5.0


def run_program(command: Sequence[str], env: Mapping[str, str] | None = None) -> int:
    """Run a program without input, write its output as it arrives, and return its exit code.

    Bytes that are not UTF-8 are shown as `�`. An interrupt, or any other end of the cell, ends all processes of the program.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env=env,
    ) as process:
        assert process.stdout is not None
        try:
            while piece := os.read(process.stdout.fileno(), PIECE_BYTES):
                sys.stdout.write(decoder.decode(piece))
            sys.stdout.write(decoder.decode(b"", final=True))
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
            raise
