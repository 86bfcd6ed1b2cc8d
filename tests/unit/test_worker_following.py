"""A worker follows its notebook. Each test is a process, because a worker changes how Python imports."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

PRELUDE = """
import importlib, json, os, sys
from jupyter_dbx.worker import following
sys.dont_write_bytecode = False
path = {}
class Task:
    def getLocalProperty(self, name): return json.dumps(path["now"]) if "now" in path else None
import pyspark
pyspark.TaskContext.get = classmethod(lambda cls: Task())
following.install()
"""


def worker(folder: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + code], capture_output=True, text=True, timeout=60, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_module_path_is_replaced_by_the_next_tasks(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / f"in_{name}.py").touch()

    out = worker(
        tmp_path,
        "own = list(sys.path)\n"
        "path['now'] = [os.path.abspath('a'), *own]; following.follow(); import in_a\n"
        "sys.path.insert(1, '/added')\n"
        "path['now'] = [os.path.abspath('b')]; following.follow(); import in_b\n"
        "print(sys.path == [own[0], '/added', os.path.abspath('b'), *own[1:]])",
    )

    assert out == "True"


def test_changed_module_is_loaded_again_and_others_are_kept(tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text("V = 1")

    out = worker(
        tmp_path,
        "import user, email\nfollowing.follow(); kept = sys.modules['user'] is user\n"
        "open('user.py', 'w').write('V = 2')\n"
        "following.follow(); print(kept, __import__('user').V, sys.modules['email'] is email)",
    )

    assert out == "True 2 True"


def test_changed_archive_is_read_again(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "lib.zip", "w") as archive:
        archive.writestr("zipped.py", "V = 1")

    out = worker(
        tmp_path,
        "import zipfile\nsys.path.append(os.path.abspath('lib.zip')); first = __import__('zipped').V\n"
        "with zipfile.ZipFile('lib.zip', 'w') as archive: archive.writestr('zipped.py', 'V = 22')\n"
        "following.follow(); print(first, __import__('zipped').V)",
    )

    assert out == "1 22"
