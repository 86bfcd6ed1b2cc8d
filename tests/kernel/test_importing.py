"""The background import: other imports of PySpark wait for it, and find complete modules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

#: Starts a background import and, at the same time, threads that import parts of PySpark in a different order.
RACE = """
import importlib, sys, threading, time
from jupyter_dbx.kernel.pyspark.importing import BackgroundImport

how, delay_s = sys.argv[1], float(sys.argv[2])
wanted = [
    ("pyspark.sql.functions", "col"),
    ("pyspark.sql.types", "StructType"),
    ("pyspark.sql.window", "Window"),
    ("pyspark.sql", "SparkSession"),
    ("pyspark", "SparkContext"),
    ("pyspark.sql.readwriter", "DataFrameReader"),
    ("py4j.java_gateway", "JavaGateway"),
    ("pyspark.storagelevel", "StorageLevel"),
]
failures = []

def take(module, name):
    try:
        if how == "statement":
            exec(f"from {module} import {name}", {})
        else:
            getattr(importlib.import_module(module), name)
    except BaseException as error:
        failures.append(f"{module}.{name}: {type(error).__name__}: {error}")

usual = __import__, importlib.import_module
background = BackgroundImport()
background.start()
threads = [threading.Thread(target=take, args=each) for each in wanted]
for thread in threads:
    time.sleep(delay_s)
    thread.start()
for thread in threads:
    thread.join()
background._thread.join()
assert not failures, failures
assert (__import__, importlib.import_module) == usual, "imports are still guarded"
assert "jupyter_dbx.kernel.pyspark.gateway" in sys.modules
print("whole")
"""


def run(code: str, *args: str, cwd: Path | None = None) -> str:
    command = [sys.executable, "-c", code, *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("how", ["statement", "import_module"])
@pytest.mark.parametrize("delay_s", [0.0, 0.003, 0.02])
def test_concurrent_imports_find_complete_modules(how: str, delay_s: float) -> None:
    assert run(RACE, how, str(delay_s)) == "whole"


#: A slow PySpark, so that a test controls the order of events.
SLOW = {
    "__init__.py": "import time; time.sleep(0.3); import pyspark.conf; from pyspark.conf import whole",
    "conf.py": "import time; time.sleep(0.2); whole = True",
    "sql.py": "from pyspark import whole",
}


@pytest.fixture
def slow_pyspark(tmp_path: Path) -> Path:
    """A folder with a small package called pyspark."""
    (tmp_path / "pyspark").mkdir()
    for name, text in SLOW.items():
        (tmp_path / "pyspark" / name).write_text(text)
    return tmp_path


SETUP = """
import importlib, sys, threading, time
sys.path.insert(0, ".")
for name in ("jupyter_dbx.kernel.pyspark.gateway", "jupyter_dbx.kernel.session.seat"):
    sys.modules[name] = sys
from jupyter_dbx.kernel.pyspark.importing import BackgroundImport
usual = __import__, importlib.import_module
background = BackgroundImport()
"""


def test_import_of_something_else_does_not_wait(slow_pyspark: Path) -> None:
    code = f"""{SETUP}
background.start()
time.sleep(0.1)
import colorsys, email.mime.audio
importlib.import_module("wave")
print(background._thread.is_alive())
"""

    assert run(code, cwd=slow_pyspark) == "True"


@pytest.mark.parametrize(
    "statement", ["import pyspark.conf", "from pyspark import conf", "importlib.import_module('pyspark.conf')"]
)
def test_import_of_a_part_waits_for_the_whole_import(slow_pyspark: Path, statement: str) -> None:
    code = f"""{SETUP}
background.start()
time.sleep(0.1)
{statement}
print(background._thread.is_alive(), "pyspark.sql" in sys.modules)
"""

    assert run(code, cwd=slow_pyspark) == "False True"


def test_first_import_starts_it(slow_pyspark: Path) -> None:
    code = f"""{SETUP}
import pyspark.conf
print(background._thread.is_alive(), "pyspark.sql" in sys.modules)
"""

    assert run(code, cwd=slow_pyspark) == "False True"


def test_import_under_way_when_it_starts_causes_no_deadlock(slow_pyspark: Path) -> None:
    # The main thread is inside the package, with locks that the background thread needs, when that starts.
    code = f"""{SETUP}
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "pyspark":
            threading.Thread(target=background.start).start()
            time.sleep(0.2)
sys.meta_path.insert(0, Finder())
import pyspark.sql
background._thread.join(10)
print(background._thread.is_alive(), pyspark.whole)
"""

    assert run(code, cwd=slow_pyspark) == "False True"


def test_failed_import_removes_the_guard_and_raises_at_the_next_import(slow_pyspark: Path) -> None:
    (slow_pyspark / "pyspark" / "__init__.py").write_text("raise ImportError('broken')")
    code = f"""{SETUP}
try:
    import pyspark
except ImportError as error:
    print(error)
print((__import__, importlib.import_module) == usual)
"""

    assert run(code, cwd=slow_pyspark) == "broken\nTrue"


def test_import_starts_once(slow_pyspark: Path) -> None:
    code = f"""{SETUP}
threads = [threading.Thread(target=background.start) for _ in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
background._thread.join()
background.start()
print(background._thread.is_alive(), "pyspark.sql" in sys.modules)
"""

    assert run(code, cwd=slow_pyspark) == "False True"


def test_interrupted_import_continues(slow_pyspark: Path) -> None:
    code = f"""{SETUP}
import os, signal
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    import pyspark
except KeyboardInterrupt:
    print("interrupted", "pyspark.sql" in sys.modules)
import pyspark
print(pyspark.whole)
"""

    assert run(code, cwd=slow_pyspark) == "interrupted False\nTrue"
