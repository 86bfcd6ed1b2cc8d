"""Meter: when it takes samples, and their content."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from samples import CLUSTER, CLUSTER_ID, NOW, sample_cluster, sample_node, sample_status

from jupyter_dbx.controllers.actions import View
from jupyter_dbx.controllers.listing import SharedListing
from jupyter_dbx.controllers.meter import SAMPLE_EVERY_S, Meter
from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.node import Role
from jupyter_dbx.model.subject import Subject
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

    async def save_sample(self, subject: Subject, sample: Sample, *, keep_ms: int) -> None:
        assert keep_ms == 3_600_000
        assert subject == CLUSTER
        self.saved.append(sample)


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def meter(place: Any) -> Meter:
    return Meter(place, SharedListing(place.list_processes, lambda: place.now))


def a_view(**changes: Any) -> View:
    nodes = [sample_node("driver"), sample_node("worker")]
    view = View(sample_cluster(), nodes, {}, sample_status("worker", load=LOAD), NOW)
    return replace(view, **changes)


def java(pid: int, cpu_s: float) -> NodeProcess:
    return NodeProcess(pid, "driver", "java", cpu_s, 300.0)


async def test_cores_in_use_are_measured_since_the_previous_sample(place: Place, meter: Meter) -> None:
    place.processes["driver"] = [java(1, 50.0), java(2, 7.0)]
    await meter.sample(a_view(), place.now)
    assert place.saved == []  # CPU time since when is not known yet

    place.now += 20
    place.processes["driver"] = [java(1, 70.0), java(3, 4.0)]  # 2 has ended, 3 is new
    await meter.sample(a_view(), place.now)

    assert place.saved == [
        Sample(
            NOW,
            LOAD,
            {
                "driver": NodeSample(Role.DRIVER, 2, 4096, 1.2, 600.0),
                "worker": NodeSample(Role.WORKER, 2, 4096, 0.0, 0.0),
            },
        )
    ]


async def test_samples_have_a_minimum_interval(place: Place, meter: Meter) -> None:
    for _ in range(10):
        await meter.sample(a_view(), place.now)
        place.now += SAMPLE_EVERY_S / 2

    assert len(place.saved) == 4


async def test_node_that_no_longer_exists_is_omitted(place: Place, meter: Meter) -> None:
    await meter.sample(a_view(), place.now)
    place.now += 20
    del place.processes["worker"]
    await meter.sample(a_view(driver=None), place.now)

    assert [set(sample.nodes) for sample in place.saved] == [{"driver"}]
    assert place.saved[0].load is None


async def test_restarted_cluster_starts_a_new_measurement(place: Place, meter: Meter) -> None:
    await meter.sample(a_view(), place.now)
    meter.forget(CLUSTER_ID)
    place.now += 20
    await meter.sample(a_view(), place.now)

    assert place.saved == []
