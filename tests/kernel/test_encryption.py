"""Who can listen to a kernel: its ports are open to every OS user of the machine."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from importlib.metadata import version

import pytest
import zmq
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from packaging.version import Version

#: Whether the installed versions know how to: ipykernel 7.3 and jupyter_client 8.9, or newer.
ENCRYPTS = hasattr(KernelManager, "transport_encryption") and Version(version("ipykernel")) >= Version("7.3")

METADATA = {"kernel_provisioner": {"provisioner_name": "jupyter-dbx-provisioner"}}


@contextlib.contextmanager
def kernel_of(interpreter: str) -> Iterator[KernelManager]:
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(
        argv=[interpreter, "-m", "jupyter_dbx.kernel", "-f", "{connection_file}"], metadata=METADATA
    )
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)


@contextlib.contextmanager
def subscriber(port: int) -> Iterator[zmq.Socket[bytes]]:
    """Somebody who knows a kernel's port, and nothing else of it."""
    context = zmq.Context()
    socket = context.socket(zmq.SUB)
    socket.subscribe(b"")
    socket.connect(f"tcp://127.0.0.1:{port}")
    yield socket
    context.destroy(linger=0)


def output_of(client: BlockingKernelClient, code: str) -> str:
    text = []
    client.execute_interactive(code, timeout=30, output_hook=lambda m: text.append(m["content"].get("text", "")))
    return "".join(text)


@pytest.mark.skipif(not ENCRYPTS, reason="This ipykernel or jupyter_client cannot encrypt messages.")
def test_only_the_kernels_clients_hear_it() -> None:
    with kernel_of("python") as manager, subscriber(manager.iopub_port) as stranger:
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(30)

        assert output_of(client, "print('for my eyes only')") == "for my eyes only\n"
        manager.restart_kernel(now=True)
        client.wait_for_ready(30)
        assert output_of(client, "print('still mine')") == "still mine\n"

        assert stranger.poll(1000) == 0
        client.stop_channels()


@pytest.mark.parametrize("interpreter", ["python", sys.executable, "/opt/other/bin/python"])
def test_kernel_that_may_have_other_packages_is_not_asked_to_encrypt(interpreter: str) -> None:
    from jupyter_dbx.provisioner import DbxProvisioner

    manager = KernelManager()
    provisioner = DbxProvisioner(
        kernel_id="k1", kernel_spec=KernelSpec(argv=[interpreter], metadata=METADATA), parent=manager
    )

    assert provisioner._can_encrypt() is (ENCRYPTS and not interpreter.startswith("/opt"))
