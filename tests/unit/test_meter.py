"""When a sample is taken, and what is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from samples import CLUSTER_ID, NOW, sample_cluster, sample_node, sample_status

from jupyter_dbx.controllers.actions import View
from jupyter_dbx.controllers.meter import SAMPLE_EVERY_S, Meter
from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.node import Role
from jupyter_dbx.model.usage import NodeProcess, NodeSample, Sample

LOAD = Load(3, 4, 2, 4)


class Place:
    """A backend and a store in one, as far as a meter needs them; and its clock, s."""

    def __init__(self) -> None:
        self.now = 100.0
        self.processes: dict[str, list[NodeProcess]] = {"driver": [], "worker": []}
        self.saved: list[Sample] = []

    async def list_processes(self) -> dict[str, list[NodeProcess]]:
        return self.processes

    async def save_sample(self, sample: Sample, *, keep_ms: int) -> None:
        assert keep_ms == 3_600_000
        self.saved.append(sample)


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def meter(place: Any) -> Meter:
    return Meter(place, place, lambda: place.now)


def a_view(**changes: Any) -> View:
    nodes = [sample_node("driver"), sample_node("worker")]
    view = View(sample_cluster(), nodes, {}, sample_status("worker", load=LOAD), NOW)
    return replace(view, **changes)


def java(pid: int, cpu_s: float) -> NodeProcess:
    return NodeProcess(pid, "driver", "java", cpu_s, 300.0)


async def test_cores_in_use_are_counted_from_the_look_before(place: Place, meter: Meter) -> None:
    place.processes["driver"] = [java(1, 50.0), java(2, 7.0)]
    await meter.note(a_view())
    assert place.saved == []  # CPU time since when is not known yet

    place.now += 20
    place.processes["driver"] = [java(1, 70.0), java(3, 4.0)]  # 2 has ended, 3 is new
    await meter.note(a_view())

    assert place.saved == [
        Sample(
            CLUSTER_ID,
            NOW,
            LOAD,
            {
                "driver": NodeSample(Role.DRIVER, 2, 4096, 1.2, 600.0),
                "worker": NodeSample(Role.WORKER, 2, 4096, 0.0, 0.0),
            },
        )
    ]


async def test_samples_are_taken_at_most_so_often(place: Place, meter: Meter) -> None:
    for _ in range(10):
        await meter.note(a_view())
        place.now += SAMPLE_EVERY_S / 2

    assert len(place.saved) == 4


async def test_node_that_does_not_exist_any_more_is_left_out(place: Place, meter: Meter) -> None:
    await meter.note(a_view())
    place.now += 20
    del place.processes["worker"]
    await meter.note(a_view(driver=None))

    assert [set(sample.nodes) for sample in place.saved] == [{"driver"}]
    assert place.saved[0].load is None


async def test_cluster_that_comes_up_again_begins_anew(place: Place, meter: Meter) -> None:
    await meter.note(a_view())
    meter.forget(CLUSTER_ID)
    place.now += 20
    await meter.note(a_view())

    assert place.saved == []
