"""What a kernel loads before its first cell: it is to be ready about as soon as a plain one."""

from __future__ import annotations

import subprocess
import sys

from jupyter_client import KernelManager

#: What is loaded when it is first needed.
LATER = (
    "msgspec",
    "jupyter_dbx.model.protocol",
    "urllib.request",
    "ipywidgets",
    "pyspark",
    "jupyter_dbx.client.client",
)


def test_kernel_comes_up_without_what_it_may_never_need() -> None:
    program = (
        "import sys, jupyter_dbx.kernel.app, jupyter_dbx.kernel.magics\n"
        f"print([name for name in {LATER} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert done.stdout == "[]\n", done.stderr


def test_a_server_that_connects_late_learns_without_asking_that_the_kernel_is_idle() -> None:
    manager = KernelManager(kernel_name="jupyter-dbx")
    manager.start_kernel()
    client = manager.blocking_client()
    try:
        client.iopub_channel.start()

        messages = (client.get_iopub_msg(timeout=60) for _ in range(20))  # the first ones may be of the debugger

        assert any(message["content"].get("execution_state") == "idle" for message in messages)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
