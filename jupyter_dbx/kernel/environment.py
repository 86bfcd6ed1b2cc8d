"""Environment: the packages that one notebook installed for itself, in this process and in its Python workers.

A virtual environment on top of the kernel's own: pip finds there what the kernel has and installs only what is missing or
another version of it. No other notebook sees it, and it is gone when the notebook detaches.
"""

from __future__ import annotations

import importlib
import os
import shutil
import site
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import distributions
from pathlib import Path

from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.programs import run_program


class PipFailed(NotebookError):
    """pip could not do what it was asked; its output says why."""


class Environment:
    """A notebook's own packages; nothing is made before something is installed."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    @property
    def packages(self) -> Path | None:
        """Return the folder that is first on the path of modules, or None if nothing was installed."""
        if self._folder is None:
            return None
        return self._folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"

    def pip(self, arguments: Sequence[str]) -> None:
        """Run pip, on this environment.

        Raises
        ------
        PipFailed : it ended with an error
        """
        if self._folder is None and arguments[:1] == ["install"]:
            self._make()
        python = str(self._folder / "bin" / "python") if self._folder else sys.executable
        options = ["--disable-pip-version-check", "--no-input", "--progress-bar=off"]
        before = self.versions()
        command = [sys.executable, "-m", "pip", "--python", python, *arguments[:1]]
        code = run_program([*command, *(options if arguments[:1] == ["install"] else options[:2]), *arguments[1:]])
        importlib.invalidate_caches()
        if code:
            raise PipFailed(f"pip ended with exit code {code}; what it says above tells why.")
        outdated = self.outdated(before)
        if outdated:
            print(f"Imported already, in another version: {', '.join(outdated)}. Run dbutils.library.restartPython().")

    def versions(self) -> dict[str, str]:
        """Return what is installed here: name → version."""
        if self.packages is None:
            return {}
        return {d.name: d.version for d in distributions(path=[str(self.packages)])}

    def outdated(self, before: dict[str, str]) -> list[str]:
        """Return the packages imported in this process of which another version is installed since."""
        changed = {name for name, version in self.versions().items() if before.get(name) != version}
        return sorted(name for name in changed if any(m in sys.modules for m in self._modules_of(name)))

    def forget_imports(self) -> None:
        """Make Python import anew what is installed here; modules of the kernel's own version are let go."""
        mine = {module for name in self.versions() for module in self._modules_of(name)}
        for module in [m for m in sys.modules if m.partition(".")[0] in mine]:
            del sys.modules[module]

    def discard(self) -> None:
        """Undo every installation."""
        if self._folder is None:
            return
        self.forget_imports()
        sys.path[:] = [path for path in sys.path if path != str(self.packages)]
        os.environ["PATH"] = os.environ["PATH"].removeprefix(f"{self._folder / 'bin'}{os.pathsep}")
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def _make(self) -> None:
        import venv

        self._folder = Path(tempfile.mkdtemp(prefix="dbx-python-"))
        # Of its owner only: others could otherwise have it run their code.
        venv.EnvBuilder(symlinks=True, with_pip=False).create(self._folder)
        assert self.packages is not None
        kernels = [path for path in [*site.getsitepackages(), site.getusersitepackages()] if os.path.isdir(path)]
        (self.packages / "kernel.pth").write_text("".join(f"{path}\n" for path in kernels))
        sys.path.insert(0, str(self.packages))
        os.environ["PATH"] = f"{self._folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"

    def _modules_of(self, name: str) -> Iterator[str]:
        """Yield the top-level modules of a package that is installed here."""
        for distribution in distributions(name=name, path=[str(self.packages)]):
            for file in distribution.files or ():
                top = file.parts[0]
                if top.endswith(".py") or (len(file.parts) > 1 and "." not in top):
                    yield top.removesuffix(".py")
