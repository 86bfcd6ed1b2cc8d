"""Environment: notebook-scoped packages, in this process and in its Python workers.

A virtual environment on top of the kernel's: pip sees the kernel's packages there, and installs only missing packages and other
versions. No other notebook sees it, and it is removed when the notebook detaches. Python workers run in it, so that its `.pth`
files, which editable packages have, apply to them, too.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shlex
import shutil
import site
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.languages.shell import run_program
from jupyter_dbx.kernel.workspace.constraints import Constraints

#: The file that leads from this environment to the kernel's packages.
KERNEL_PATH_FILE = "kernel.pth"


class PipFailed(NotebookError):
    """pip failed; its output gives the reason."""


class Environment:
    """A notebook's packages; created at the first installation."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        #: how often pip has changed the packages, count: workers started before have imported others
        self.changes = 0
        #: `.pth` file → what it has added to `sys.path` and `sys.meta_path`
        self._path_files: dict[str, tuple[list[str], list[Any]]] = {}

    @property
    def packages(self) -> Path | None:
        """Return the first folder on the module path, or None if nothing was installed."""
        if self._folder is None:
            return None
        return self._folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"

    @property
    def python(self) -> str:
        """Return the interpreter with the notebook's packages."""
        return str(self._folder / "bin" / "python") if self._folder else sys.executable

    def pip(self, arguments: Sequence[str], then: str = "") -> None:
        """Run pip on this environment.

        Parameters
        ----------
        then : the rest of the command in the shell's language, such as `> requirements.txt`

        Raises
        ------
        PipFailed : pip exited with an error
        """
        if self._folder is None and not {"install", "uninstall"}.isdisjoint(arguments):
            self._make()
        before = self._modules()
        pip = [sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check", "--no-input"]
        with tempfile.TemporaryDirectory(prefix="dbx-pip-") as folder:
            constraints = Constraints(Path(folder) / "constraints.txt", sys.stdout)
            command = [*pip, *constraints.applied_to(arguments)]
            if then:
                command = ["bash", "-o", "pipefail", "-c", f"{shlex.join(command)} {then}"]
            with contextlib.redirect_stdout(constraints):
                code = run_program(command, env=os.environ | {"PIP_PROGRESS_BAR": "off"})
        importlib.invalidate_caches()
        if code:
            raise PipFailed(constraints.reason or f"pip exited with code {code}. See its output above.")
        self.changes += self._modules().keys() != before.keys()
        self._follow_path_files()
        if outdated := self._outdated(before):
            print(
                f"Already imported in another version: {', '.join(outdated)}. "
                "Run dbutils.library.restartPython() to use the new one."
            )

    def versions(self) -> dict[str, str]:
        """Return the packages installed here: name → version."""
        return {d.name: d.version for d in self._distributions()}

    def forget_imports(self) -> None:
        """Make Python import the packages installed here again; modules of the kernel's version are unloaded."""
        self._unload({module for modules in self._modules().values() for module in modules})

    def discard(self) -> None:
        """Undo every installation."""
        if self._folder is None:
            return
        self.forget_imports()
        sys.path[:] = [path for path in sys.path if path != str(self.packages)]
        os.environ["PATH"] = os.environ["PATH"].removeprefix(f"{self._folder / 'bin'}{os.pathsep}")
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None
        self._follow_path_files()

    def _make(self) -> None:
        import venv

        self._folder = Path(tempfile.mkdtemp(prefix="dbx-python-"))
        # Only its owner may write to it: other users could otherwise inject code.
        venv.EnvBuilder(symlinks=True, with_pip=False).create(self._folder)
        assert self.packages is not None
        kernels = [path for path in [*site.getsitepackages(), site.getusersitepackages()] if os.path.isdir(path)]
        # A path alone would leave out the `.pth` files in it.
        lines = [f"import site; site.addsitedir({path!r})\n" for path in kernels]
        (self.packages / KERNEL_PATH_FILE).write_text("".join(lines))
        sys.path.insert(0, str(self.packages))
        os.environ["PATH"] = f"{self._folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"

    def _follow_path_files(self) -> None:
        """Apply new `.pth` files to this process, as Python does at its start, and undo those that are gone."""
        files = {file.name for file in self.packages.glob("*.pth")} if self.packages else set()
        for gone in self._path_files.keys() - files:
            paths, finders = self._path_files.pop(gone)
            sys.path[:] = [path for path in sys.path if path not in paths]
            sys.meta_path[:] = [finder for finder in sys.meta_path if finder not in finders]
        for new in sorted(files - self._path_files.keys() - {KERNEL_PATH_FILE}):
            paths, finders = list(sys.path), list(sys.meta_path)
            site.addpackage(str(self.packages), new, None)  # None = those of `sys.path`
            self._path_files[new] = (
                [path for path in sys.path if path not in paths],
                [finder for finder in sys.meta_path if finder not in finders],
            )

    def _outdated(self, before: Mapping[tuple[str, str], set[str]]) -> list[str]:
        """Return the packages whose modules this process imported before their version changed, or was removed."""
        now, then = self._modules(), dict(before)
        changed = [(name, (now | then)[name, version]) for name, version in now.keys() ^ then.keys()]
        return sorted({name for name, modules in changed if any(m in sys.modules for m in modules)})

    def _distributions(self) -> list[Distribution]:
        return [] if self.packages is None else list(distributions(path=[str(self.packages)]))

    def _modules(self) -> dict[tuple[str, str], set[str]]:
        """Return the top-level modules of the packages installed here: (name, version) → names."""
        return {(d.name, d.version): _modules_of(d) for d in self._distributions()}

    def _unload(self, modules: set[str]) -> None:
        for module in [m for m in sys.modules if m.partition(".")[0] in modules]:
            del sys.modules[module]


def _modules_of(distribution: Distribution) -> set[str]:
    # An editable package lists only its `.pth` file among its files.
    modules = set((distribution.read_text("top_level.txt") or "").split())
    for file in distribution.files or ():
        top = file.parts[0]
        if top.endswith(".py") or (len(file.parts) > 1 and "." not in top):
            modules.add(top.removesuffix(".py"))
    return modules
