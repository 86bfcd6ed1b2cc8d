"""One fault of each class, and behind `-m chaos` all of them and a long random walk."""

from __future__ import annotations

import os
import random

import pytest
from drill import Drill
from faults import SIGNALS, TARGETS, Fault

INTENTS = ("job", "resize", "restart", "stop_start", "terminate")

#: (what the user wants meanwhile, what is hit, how): each target and each state once.
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

pytestmark = [pytest.mark.spark, pytest.mark.timeout(400)]


@pytest.mark.parametrize(("intent", "target", "how"), SAMPLE, ids="-".join)
def test_a_fault_heals(drill: Drill, intent: str, target: str, how: str) -> None:
    report = drill.run(intent, Fault(target, how))
    print(report)

    assert not report.wrong


@pytest.mark.chaos
@pytest.mark.parametrize(("intent", "target", "how"), [c for c in MATRIX if c not in SAMPLE], ids="-".join)
def test_every_fault_heals(drill: Drill, intent: str, target: str, how: str) -> None:
    report = drill.run(intent, Fault(target, how))
    print(report)

    assert not report.wrong


@pytest.mark.timeout(7200)
def test_random_faults_in_a_row_heal(drill: Drill, request: pytest.FixtureRequest) -> None:
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
