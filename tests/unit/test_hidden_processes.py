"""A driver and a kernel of another OS user, on a machine whose `/proc` hides the processes of others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from other_user import Namespace, User, other_users

#: What a command of root begins with to see a `/proc` that hides others' processes from users.
HIDING = ("sh", "-euc", 'mount -t proc -o hidepid=invisible proc /proc && exec "$@"', "sh")

CODE = """
import os, sys
from jupyter_dbx.driver.seats import is_same_process
pid = int(sys.argv[1])
print(os.path.exists(f"/proc/{pid}"), is_same_process(pid, 1), is_same_process(2**22 - 1, 1))
"""


@contextmanager
def sleeper(namespace: Namespace, user: User) -> Iterator[int]:
    command = [
        *namespace.prefix,
        *user.prefix,
        sys.executable,
        "-c",
        "import time; print('up', flush=True); time.sleep(60)",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"up\n"
        yield process.pid
        process.kill()


@pytest.mark.parametrize("is_hidden", [True, False])
def test_hidden_kernel_counts_as_alive(is_hidden: bool) -> None:
    with other_users("ann", "bob") as namespace:
        ann, bob = namespace.users
        with sleeper(namespace, bob) as pid:
            seen = Namespace(namespace.users, (*namespace.prefix, *(HIDING if is_hidden else ()))).run(
                ann, CODE, str(pid)
            )

    # The start time shows that a visible process is another one.
    assert seen.split() == [str(not is_hidden), str(is_hidden), "False"]
