"""The driver's judge of idleness, and of a JVM that hangs. The JVM and its sessions are made up."""

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
class FakeSession:
    cell: int = 0


@dataclass
class FakeSpark:
    """A context and its sessions."""

    clock: Any
    snapshot: Snapshot = field(default_factory=Snapshot)
    sessions: list[FakeSession] = field(default_factory=list)
    cpu_s: float = 5.0
    #: how long an answer takes, s
    takes_s: float = 0.0
    refuses: bool = False

    def look(self) -> Snapshot:
        self.clock.advance(self.takes_s)
        if self.refuses:
            raise Py4JNetworkError("nobody is there")
        return self.snapshot

    def all(self) -> list[FakeSession]:
        return self.sessions


@pytest.fixture
def spark(clock: Any, monkeypatch: pytest.MonkeyPatch) -> FakeSpark:
    monkeypatch.setattr(room, "time", SimpleNamespace(monotonic=clock))
    return FakeSpark(clock)


@pytest.fixture
def judge(spark: FakeSpark) -> Activity:
    fake: Any = spark
    return Activity(fake, fake, HUNG_AFTER_S)


def watch(judge: Activity, spark: FakeSpark, seconds: int) -> None:
    """Let the driver look once a second, as its thread does, and ask whether the JVM hangs, as the daemon does."""
    for _ in range(seconds):
        spark.clock.advance(1)
        judge._look()
        judge.is_hung()


def wait(judge: Activity, spark: FakeSpark, seconds: int, *, cpu_s: float = 0.0) -> bool:
    """Let time pass in which the JVM does not answer; return whether it hangs then."""
    hung = False
    for _ in range(seconds):
        spark.clock.advance(1)
        spark.cpu_s += cpu_s
        hung = judge.is_hung()
    return hung


def test_idle_time_counts_while_nothing_runs(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 30)

    assert judge.idle_s == 30


BUSY = {
    "job": {"snapshot": Snapshot(jobs_now=1, jobs_ever=1)},
    "streaming query": {"snapshot": Snapshot(streams_now=1)},
    "cell": {"sessions": [FakeSession(), FakeSession(cell=3)]},
}


@pytest.mark.parametrize("changes", BUSY.values(), ids=BUSY)
def test_idle_time_counts_from_the_end_of_what_ran(judge: Activity, spark: FakeSpark, changes: dict[str, Any]) -> None:
    watch(judge, spark, 30)
    before = (spark.snapshot, spark.sessions)
    for name, value in changes.items():
        setattr(spark, name, value)
    watch(judge, spark, 100)
    while_it_runs = judge.idle_s
    spark.snapshot, spark.sessions = replace(before[0], jobs_ever=spark.snapshot.jobs_ever), before[1]
    watch(judge, spark, 7)

    assert (while_it_runs, judge.idle_s) == (0, 7)


def test_job_that_began_and_ended_between_two_looks_counts(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 30)
    spark.snapshot = Snapshot(jobs_ever=1)
    watch(judge, spark, 1)

    assert judge.idle_s == 0


def test_notebook_that_is_attached_and_runs_no_cell_is_idle(judge: Activity, spark: FakeSpark) -> None:
    spark.sessions = [FakeSession(), FakeSession()]
    spark.snapshot = Snapshot(load=Load(total_cores=4))

    watch(judge, spark, 30)

    assert judge.idle_s == 30


@pytest.mark.parametrize(("age_s", "idle_s"), [(0, 0), (10, 10), (30, 30), (50, 30), (10**6, 30)])
def test_touch_counts_from_when_it_was_and_never_backwards(
    judge: Activity, spark: FakeSpark, age_s: float, idle_s: float
) -> None:
    watch(judge, spark, 30)

    judge.touch(age_s)

    assert judge.idle_s == idle_s


def test_jvm_that_cannot_be_asked_is_not_idle(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 30)

    spark.clock.advance(10_000)

    assert judge.idle_s == 30


def test_answer_that_took_long_tells_of_its_end(judge: Activity, spark: FakeSpark) -> None:
    spark.takes_s = 100
    judge._look()

    assert judge.idle_s == 100
    assert not judge.is_hung()


def test_jvm_that_was_never_asked_is_not_idle(judge: Activity, spark: FakeSpark) -> None:
    spark.clock.advance(10_000)

    assert judge.idle_s == 0


def test_look_that_fails_is_no_look(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 30)
    spark.refuses = True

    with pytest.raises(Py4JNetworkError):
        judge._look()

    assert (judge.idle_s, judge.looked_at) == (30, spark.clock.now)


def test_jvm_that_answers_is_never_hung(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 1000)

    assert not judge.is_hung()


@pytest.mark.parametrize(("seconds", "is_hung"), [(60, False), (61, True)])
def test_jvm_that_neither_answers_nor_uses_the_cpu_is_hung(
    judge: Activity, spark: FakeSpark, seconds: int, is_hung: bool
) -> None:
    watch(judge, spark, 10)

    assert wait(judge, spark, seconds) is is_hung


def test_jvm_that_uses_the_cpu_is_busy_however_long_it_takes(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 10)

    assert not wait(judge, spark, 3600, cpu_s=CPU_STEP_S / 10)


def test_patience_begins_anew_with_every_sign_of_life(judge: Activity, spark: FakeSpark) -> None:
    watch(judge, spark, 10)

    assert not wait(judge, spark, 59)
    assert not wait(judge, spark, 1, cpu_s=1.0)
    assert not wait(judge, spark, 60)
    assert wait(judge, spark, 1)


def test_jvm_that_hangs_at_its_start_is_found(judge: Activity, spark: FakeSpark) -> None:
    assert not wait(judge, spark, 60)
    assert wait(judge, spark, 2)


def test_thread_goes_on_looking_after_a_look_that_failed(
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
    spark.snapshot = Snapshot(streams_now=1)

    with pytest.raises(Enough):
        judge._look_on()

    assert judge.snapshot == spark.snapshot
    assert pauses == [1.0] * 4
