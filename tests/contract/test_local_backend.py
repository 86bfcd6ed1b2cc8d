"""The contract on this machine: files of daemons, and capacity."""

from __future__ import annotations

from pathlib import Path

import pytest
from places import provision, until
from samples import sample_node
from traitlets import TraitError

from jupyter_dbx.backends import local
from jupyter_dbx.backends.local import LocalBackend, node_type_id
from jupyter_dbx.model.errors import NodeFailure
from jupyter_dbx.model.node import Daemon, File, Node

SLEEP = ("/bin/sleep", "100")


async def test_daemon_gets_its_folder_in_all_its_settings(machine: LocalBackend, folder: Path, node: Node) -> None:
    script = 'printf "%s\\n" "$1" "$WHERE" "$PWD" "$(cat ../conf/a.conf)" > result; mv result done'
    daemon = Daemon(
        "d",
        ("/bin/sh", "{dir}/run.sh", "{dir}/x"),
        env={"WHERE": "{dir}/y"},
        files={"run.sh": File(script), "conf/a.conf": File("in {dir}")},
        cwd="{dir}/work",
    )

    await machine.start(node, daemon)

    own = folder / node.node_id / "d"
    await until((own / "work" / "done").exists)
    assert (own / "work" / "done").read_text().split("\n")[:4] == [f"{own}/x", f"{own}/y", f"{own}/work", f"in {own}"]


async def test_files_are_readable_only_by_their_owner(machine: LocalBackend, folder: Path, node: Node) -> None:
    files = {"secret": File("s"), "bin/run": File("#!/bin/sh\nsleep 100", executable=True)}
    await machine.start(node, Daemon("d", ("{dir}/bin/run",), files=files))

    own = folder / node.node_id / "d"
    modes = {
        str(p.relative_to(folder)): oct(p.stat().st_mode & 0o777)
        for p in (folder, own.parent, own, own / "secret", own / "bin", own / "bin" / "run", own.parent / "node.json")
    }

    assert modes == {
        ".": "0o700",
        "worker-1": "0o700",
        "worker-1/d": "0o700",
        "worker-1/d/secret": "0o600",
        "worker-1/d/bin": "0o700",
        "worker-1/d/bin/run": "0o700",
        "worker-1/node.json": "0o600",
    }


async def test_file_of_an_earlier_start_is_replaced_with_its_mode(
    machine: LocalBackend, folder: Path, node: Node
) -> None:
    await machine.start(node, Daemon("d", SLEEP, files={"a": File("old", executable=True)}))

    await machine.start(node, Daemon("d", SLEEP, files={"a": File("new")}))

    path = folder / node.node_id / "d" / "a"
    assert (path.read_text(), oct(path.stat().st_mode & 0o777)) == ("new", "0o600")


async def test_variables_of_the_server_are_not_inherited(
    machine: LocalBackend, folder: Path, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JUPYTER_TOKEN", "JPY_API_TOKEN", "SPARK_HOME", "PYSPARK_PYTHON", "DBX_KEY", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("KEPT", "x")

    await machine.start(node, Daemon("d", ("/bin/sh", "-c", "env > {dir}/env; mv {dir}/env {dir}/done"), {"OWN": "x"}))

    done = folder / node.node_id / "d" / "done"
    await until(done.exists)
    names = {line.partition("=")[0] for line in done.read_text().splitlines() if line.endswith("=x")}
    assert names == {"KEPT", "OWN"}


async def test_invalid_note_of_a_daemon_is_ignored(machine: LocalBackend, folder: Path, node: Node) -> None:
    await machine.start(node, Daemon("d", SLEEP))
    (folder / node.node_id / "d" / "announce.json").write_text('{"url": "http')

    assert (await machine.list_nodes())[node.node_id].daemons["d"].announce is None


async def test_memory_is_limited_strictly(machine: LocalBackend) -> None:
    await provision(machine, sample_node("worker-1", cores=1, memory_mib=6000))

    with pytest.raises(NodeFailure) as error:
        await provision(machine, sample_node("worker-2", cores=2, memory_mib=2193))

    assert str(error.value) == (
        "A node of 2 cores and 2193 MiB does not fit: 6000 of 8192 MiB and 1 of 8 cores are in use. "
        "Terminate a cluster or choose smaller nodes."
    )


async def test_cores_are_overcommitted_up_to_their_limit(machine: LocalBackend) -> None:
    await provision(machine, sample_node("worker-1", cores=7, memory_mib=100))

    with pytest.raises(NodeFailure, match="7 of 8 cores are in use"):
        await provision(machine, sample_node("worker-2", cores=2, memory_mib=100))


async def test_node_types_that_fit_this_machine_are_available(machine: LocalBackend) -> None:
    types = await machine.node_types()

    assert [t.node_type_id for t in types.types] == ["local-1c-2g", "local-2c-4g", "local-4c-8g"]
    assert types.capacity is not None
    assert (types.capacity.memory_mib, types.capacity.cores) == (8192, 8)
    assert (types.capacity.machine_memory_mib, types.capacity.machine_cores) == (10_240, 2)


async def test_smallest_node_type_is_available_even_if_it_does_not_fit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "machine_memory_mib", lambda: 512)

    types = await LocalBackend(folder=str(folder)).node_types()

    assert [t.num_cores for t in types.types] == [1]


@pytest.mark.parametrize(("memory_mib", "name"), [(4096, "local-2c-4g"), (1536, "local-2c-1536m")])
def test_node_type_id_contains_its_size(memory_mib: int, name: str) -> None:
    assert node_type_id(2, memory_mib) == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("memory_fraction", 0),
        ("memory_fraction", 1.1),
        ("cores_overcommit", 0.5),
        ("memory_per_core_mib", 0),
        ("node_cores", []),
    ],
)
def test_error_names_the_invalid_setting(name: str, value: object) -> None:
    with pytest.raises((TraitError, ValueError), match=name):
        LocalBackend(**{name: value})
