"""Servers with their own certificate, password or socket."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for another host, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "jupyter.example.org")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.TraditionalOpenSSL
    (folder / "my.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "my.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return folder / "my.pem", folder / "my.key"


@contextmanager
def serving(folder: Path, program: Path, *options: str) -> Iterator[Path]:
    """Run a server, e.g. one with simulated clusters; yields the file that announces its door."""
    command = [
        sys.executable,
        str(program),
        "--allow-root",
        "--no-browser",
        "--ServerApp.port_retries=0",
        *options,
    ]
    command += [
        f"--ServerApp.root_dir={folder}",
        f"--DbxApp.data_dir={folder}/data",
        f"--DbxApp.cache_dir={folder}/cache",
    ]
    env = dict(os.environ) | {"JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "JUPYTER_TOKEN": ""}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=env)
    door = folder / "runtime" / f"dbx-{server.pid}.json"
    try:
        deadline = time.monotonic() + 60
        while not door.exists() or not door.read_text():
            assert server.poll() is None and time.monotonic() < deadline, (folder / "server.log").read_text()
            time.sleep(0.1)
        yield door
    finally:
        server.terminate()
        server.wait(30)
    assert not door.exists()
