"""One fault of each class; with `-m chaos` all of them and a long random walk."""

from __future__ import annotations

import os
import random

import pytest
from drill import Drill
from faults import SIGNALS, TARGETS, Fault

INTENTS = ("job", "resize", "restart", "stop_start", "terminate")

#: (user action, target, effect): each target and each state once.
SAMPLE = [
    ("job", "worker", "kill"),
    ("job", "executor", "stop"),
    ("job", "jvm", "kill"),
    ("resize", "server", "kill"),
    ("stop_start", "daemon", "kill"),
    ("terminate", "worker", "stop"),
    ("job", "kernel", "kill"),
    ("restart", "jvm", "stop"),
]

MATRIX = [(intent, target, how) for intent in INTENTS for target in TARGETS for how in SIGNALS]

OTHERS = [case for case in MATRIX if case not in SAMPLE]

pytestmark = [pytest.mark.spark, pytest.mark.long, pytest.mark.timeout(400)]


@pytest.mark.parametrize(("intent", "target", "how"), SAMPLE, ids=map("-".join, SAMPLE))
def test_cluster_recovers_from_a_fault(drill: Drill, intent: str, target: str, how: str) -> None:
    report = drill.run(intent, Fault(target, how))
    print(report)

    assert not report.wrong


@pytest.mark.chaos
@pytest.mark.parametrize(("intent", "target", "how"), OTHERS, ids=map("-".join, OTHERS))
def test_cluster_recovers_from_every_fault(drill: Drill, intent: str, target: str, how: str) -> None:
    report = drill.run(intent, Fault(target, how))
    print(report)

    assert not report.wrong


@pytest.mark.timeout(7200)
def test_cluster_recovers_from_random_faults(drill: Drill, request: pytest.FixtureRequest) -> None:
    seed, count = int(os.environ.get("CHAOS_SEED", "7")), int(os.environ.get("CHAOS_FAULTS", "6"))
    chance = random.Random(seed)
    reports = []
    for _ in range(count):
        fault = Fault(chance.choice(TARGETS), chance.choice(list(SIGNALS)))
        reports.append(drill.run(chance.choice(INTENTS), fault))
        print(reports[-1], flush=True)

    wrong = [str(report) for report in reports if report.wrong]
    print(f"seed {seed}: {count} faults, {len(wrong)} violations, slowest request {drill.slowest_s:.1f} s")
    assert not wrong
