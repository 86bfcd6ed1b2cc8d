"""Activity: idle time, and detection of a hung JVM. The JVM and its seats are fakes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from py4j.protocol import Py4JNetworkError

from jupyter_dbx.driver import activity as room
from jupyter_dbx.driver.activity import CPU_STEP_S, Activity
from jupyter_dbx.driver.context import Snapshot
from jupyter_dbx.model.driver import Load

HUNG_AFTER_S = 60.0


@dataclass
class FakeSeat:
    cells: frozenset[int] = frozenset()
    tag: str = "dbx-k1"
    has_jobs: bool = False


@dataclass
class FakeSpark:
    """A context and its seats."""

    clock: Any
    state: Snapshot = field(default_factory=Snapshot)
    seats: list[FakeSeat] = field(default_factory=list)
    #: active jobs by tag
    jobs: dict[str, set[int]] = field(default_factory=dict)
    cpu_s: float = 5.0
    #: how long an answer takes, s
    takes_s: float = 0.0
    refuses: bool = False

    def snapshot(self) -> Snapshot:
        self.clock.advance(self.takes_s)
        if self.refuses:
            raise Py4JNetworkError("nobody is there")
        return self.state

    def active_jobs(self, tag: str) -> set[int]:
        return self.jobs.get(tag, set())

    def all(self) -> list[FakeSeat]:
        return self.seats


@pytest.fixture
def spark(clock: Any, monkeypatch: pytest.MonkeyPatch) -> FakeSpark:
    monkeypatch.setattr(room, "time", SimpleNamespace(monotonic=clock))
    return FakeSpark(clock)


@pytest.fixture
def judge(spark: FakeSpark) -> Activity:
    fake: Any = spark
    return Activity(fake, fake, HUNG_AFTER_S)


def watch(judge: Activity, spark: FakeSpark, seconds: int) -> None:
    """Poll once a second, as the thread does, and check whether the JVM hangs, as the daemon does."""
    for _ in range(seconds):
        spark.clock.advance(1)
        judge._poll()
        judge.is_hung()


def wait(judge: Activity, spark: FakeSpark, seconds: int, *, cpu_s: float = 0.0) -> bool:
    """Let time pass in which the JVM does not respond; return whether it counts as hung."""
    hung = False
    for _ in range(seconds):
        spark.clock.advance(1)
        spark.cpu_s += cpu_s
        hung = judge.is_hung()
    return hung


def test_idle_time_counts_while_nothing_is_running(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 30)

    assert judge.idle_s == 30


BUSY = {
    "job": {"state": Snapshot(active_jobs=1, total_jobs=1)},
    "streaming query": {"state": Snapshot(active_streams=1)},
    "cell": {"seats": [FakeSeat(), FakeSeat(cells=frozenset({3}))]},
}


@pytest.mark.parametrize("changes", BUSY.values(), ids=BUSY)
def test_idle_time_counts_from_the_end_of_the_last_activity(
    judge: Activity, spark: FakeSpark, changes: dict[str, Any]
) -> None:
    watch(judge, spark, 30)
    before = (spark.state, spark.seats)
    for name, value in changes.items():
        setattr(spark, name, value)
    watch(judge, spark, 100)
    while_it_runs = judge.idle_s
    spark.state, spark.seats = replace(before[0], total_jobs=spark.state.total_jobs), before[1]
    watch(judge, spark, 7)

    assert (while_it_runs, judge.idle_s) == (0, 7)


def test_job_that_began_and_ended_between_two_polls_counts(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 30)
    spark.state = Snapshot(total_jobs=1)
    watch(judge, spark, 1)

    assert judge.idle_s == 0


def test_attached_notebook_without_a_running_cell_is_idle(judge: Activity, spark: FakeSpark) -> None:
    spark.seats = [FakeSeat(), FakeSeat()]
    spark.state = Snapshot(load=Load(total_cores=4))

    watch(judge, spark, 30)

    assert judge.idle_s == 30


def test_jobs_outside_of_any_cell_belong_to_their_notebook(judge: Activity, spark: FakeSpark) -> None:
    spark.seats = [FakeSeat(tag="dbx-k1"), FakeSeat(tag="dbx-k2")]
    spark.state, spark.jobs = Snapshot(active_jobs=1, total_jobs=1), {"dbx-k2": {0}}

    judge._poll()
    while_it_runs = [seat.has_jobs for seat in spark.seats]
    spark.state, spark.jobs = Snapshot(total_jobs=1), {}
    judge._poll()

    assert while_it_runs == [False, True]
    assert [seat.has_jobs for seat in spark.seats] == [False, False]


@pytest.mark.parametrize(("age_s", "idle_s"), [(0, 0), (10, 10), (30, 30), (50, 30), (10**6, 30)])
def test_touch_counts_from_its_time_and_never_backwards(
    judge: Activity, spark: FakeSpark, age_s: float, idle_s: float
) -> None:
    watch(judge, spark, 30)

    judge.touch(age_s)

    assert judge.idle_s == idle_s


def test_unreachable_jvm_is_not_idle(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 30)

    spark.clock.advance(10_000)

    assert judge.idle_s == 30


def test_slow_answer_counts_from_its_end(judge: Activity, spark: FakeSpark) -> None:
    spark.takes_s = 100
    judge._poll()

    assert judge.idle_s == 100
    assert not judge.is_hung()


def test_jvm_is_not_idle_before_the_first_poll(judge: Activity, spark: FakeSpark) -> None:
    spark.clock.advance(10_000)

    assert judge.idle_s == 0


def test_failed_poll_does_not_count(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 30)
    spark.refuses = True

    with pytest.raises(Py4JNetworkError):
        judge._poll()

    assert (judge.idle_s, judge.polled_at) == (30, spark.clock.now)


def test_responding_jvm_is_never_hung(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 1000)

    assert not judge.is_hung()


@pytest.mark.parametrize(("seconds", "is_hung"), [(60, False), (61, True)])
def test_jvm_that_neither_responds_nor_uses_cpu_is_hung(
    judge: Activity, spark: FakeSpark, seconds: int, is_hung: bool
) -> None:
    watch(judge, spark, 10)

    assert wait(judge, spark, seconds) is is_hung


def test_jvm_that_uses_cpu_is_busy_and_not_hung(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 10)

    assert not wait(judge, spark, 3600, cpu_s=CPU_STEP_S / 10)


def test_timeout_restarts_with_every_sign_of_life(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 10)

    assert not wait(judge, spark, 59)
    assert not wait(judge, spark, 1, cpu_s=1.0)
    assert not wait(judge, spark, 60)
    assert wait(judge, spark, 1)


def test_jvm_that_hangs_during_startup_is_detected(judge: Activity, spark: FakeSpark) -> None:
    assert not wait(judge, spark, 60)
    assert wait(judge, spark, 2)


def test_thread_continues_after_a_failed_poll(
    judge: Activity, spark: FakeSpark, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Enough(Exception):
        """The thread has looked often enough."""

    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        spark.refuses = not spark.refuses
        if len(pauses) == 4:
            raise Enough

    monkeypatch.setattr(room, "time", SimpleNamespace(monotonic=spark.clock, sleep=pause))
    spark.state = Snapshot(active_streams=1)

    with pytest.raises(Enough):
        judge._poll_forever()

    assert judge.snapshot == spark.state
    assert pauses == [1.0] * 4
