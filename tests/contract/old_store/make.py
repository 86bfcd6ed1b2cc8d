"""Makes the two dumps beside it: a store with rows of every kind, as the code before schema versions wrote them.

The dumps are from commit 9f5befb, the last one whose stores have no revision. To make them again, check that commit out, copy
this file to the same path there, and run `PYTHONPATH=.:tests:tests/contract python tests/contract/old_store/make.py FOLDER`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

from postgres import Postgres, find_binaries
from samples import CLUSTER_ID, NOW, sample_cluster, sample_facts, sample_node, sample_status

from jupyter_dbx.managers.secrets import SecretManager
from jupyter_dbx.model.access import Grant
from jupyter_dbx.model.attachment import Attachment
from jupyter_dbx.model.cluster import ClusterState, Target, TerminationReason
from jupyter_dbx.model.driver import Load, Pulse, Seat
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import NodeState, Role
from jupyter_dbx.model.secret import SecretAcl
from jupyter_dbx.model.usage import NodeSample, Sample
from jupyter_dbx.store import Store

#: What the secret is sealed with.
WORKSPACE_KEY = bytes(range(32))


async def fill(url: str) -> None:
    """Write rows of every kind: two clusters, one that runs and one that has ended, and what belongs to them."""
    store = await Store(url, clock=lambda: NOW / 1000).open()
    running = sample_cluster(
        driver=sample_facts(sample_status("worker-1", "worker-2")), grants=(Grant("user_name", "bob", "CAN_RESTART"),)
    )
    created = Event(CLUSTER_ID, NOW - 60_000, EventType.CREATING, {"user": "ada"})
    resized = Event(CLUSTER_ID, NOW, EventType.RESIZING, {"current_num_workers": 2, "cause": "ü"})
    running = await store.clusters.save(running, created)
    await store.clusters.save(running, Event(CLUSTER_ID, NOW - 1000, EventType.RUNNING), resized)
    ended = sample_cluster(
        cluster_id="1114-221320-ended",
        state=ClusterState.TERMINATED,
        target=Target.TERMINATED,
        termination_reason=TerminationReason("USER_REQUEST", {"username": "ada"}),
        terminated_ms=NOW - 500,
        pinned_ms=NOW,
    )
    await store.clusters.save(ended, Event(ended.cluster_id, NOW - 500, EventType.TERMINATING))
    await store.nodes.save(sample_node("driver", backend_state={"address": "127.1.2.3"}, healthy=True))
    await store.nodes.save(sample_node("worker-1", state=NodeState.DRAINING))
    await store.attachments.save(Attachment("/home/ada/ü.ipynb", CLUSTER_ID, NOW))
    secrets = SecretManager(store, WORKSPACE_KEY)
    await secrets.create_scope("Team", manager="ada")
    await secrets.put_acl("Team", SecretAcl("bob", "READ"))
    await secrets.put("Team", "Token", b"\x00 value")
    seat = Seat("k", 1, "/home/ada/ü.ipynb", NOW, True)
    await store.save_pulse(Pulse(CLUSTER_ID, NOW, Load(1, 2, 3, 4), 0.5, None, (seat,)))
    for at_ms in (NOW - 15_000, NOW):
        nodes = {"driver": NodeSample(Role.DRIVER, 2, 4096, 1.5, 900.0)}
        await store.save_sample(Sample(CLUSTER_ID, at_ms, Load(1, 2, 3, 4), nodes), keep_ms=3_600_000)
    await store.lease("loop", "me", ttl_s=60)
    await store.close()


def dump_sqlite(folder: Path) -> str:
    """Return the statements that make the store in SQLite."""
    file = folder / "draft.db"
    asyncio.run(fill(f"sqlite:///{file}"))
    with sqlite3.connect(file) as connection:
        lines = "\n".join(connection.iterdump())
    connection.close()
    file.unlink()
    return lines + "\n"


def dump_postgresql() -> str:
    """Return the statements that make the store in a schema of PostgreSQL that is empty, and the first in the search path."""
    binaries = find_binaries()
    assert binaries, "PostgreSQL is missing"
    server = Postgres(binaries)
    url = server.new_database()
    asyncio.run(fill(url))
    host, schema = url.partition("host=")[2].partition("&")[0], unquote(url).rpartition("=")[2]
    command = [str(binaries / "pg_dump"), f"--host={host}", "--username=dbx", f"--schema={schema}", "postgres"]
    done = subprocess.run([*command, "--inserts", "--no-owner"], check=True, capture_output=True, text=True, timeout=60)
    server.close()
    # Settings of a session, and commands for psql.
    skipped = ("--", "SET ", "SELECT pg_catalog.set_config", "CREATE SCHEMA", "\\")
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith(skipped)]
    return "\n".join(lines).replace(f"{schema}.", "") + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    (target / "sqlite.sql").write_text(dump_sqlite(target))
    (target / "postgresql.sql").write_text(dump_postgresql())
