"""`jupyter dbx doctor`: checks whether this machine can run Spark clusters, and suggests fixes."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from jupyter_dbx.cli.finding import Finding, Level, count
from jupyter_dbx.cli.terminal import has_colour


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    what = "Check whether this machine can run Spark clusters, and suggest fixes"
    parser = verbs.add_parser("doctor", help=what, description=f"{what}. Exit code 1 if a check fails.")
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help="as DbxApp.data_dir (%(default)s)")
    parser.add_argument("--cache-dir", type=Path, default=default_cache_dir(), help="as DbxApp.cache_dir (%(default)s)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run all checks, print a line for each, and return 1 if any fails."""
    findings = []
    for finding in examine(args.data_dir, args.cache_dir):
        findings.append(finding)
        print(format_finding(finding, colour=has_colour(sys.stdout)), flush=True)
    fails = sum(f.level is Level.FAIL for f in findings)
    warns = sum(f.level is Level.WARN for f in findings)
    if fails:
        print(f"\n{count(fails, 'check')} failed: clusters cannot run until this is fixed.")
    elif warns:
        print(f"\nClusters can run; {count(warns, 'warning')}.")
    else:
        print("\nAll checks passed. To see a cluster at work, run `jupyter dbx demo`.")
    return 1 if fails else 0


def examine(data_dir: Path, cache_dir: Path) -> Iterator[Finding]:
    """Yield every finding, the quick and fundamental ones first."""
    # Imported here and below, because the checks are slow to import and other verbs do not need them.
    from jupyter_dbx.cli import environment, jupyter, machine, software

    yield from essentials()
    yield machine.check_loopback()
    yield machine.check_disk("Data folder", data_dir, setting="DbxApp.data_dir")
    yield machine.check_disk("Temp. folder", Path(tempfile.gettempdir()), setting="TMPDIR")
    yield environment.check_java_options()
    yield environment.check_proxy()
    yield environment.check_folders(data_dir)
    yield jupyter.check_extension()
    yield software.check_archives(cache_dir)
    yield jupyter.check_server()


def essentials() -> Iterator[Finding]:
    """Yield the findings of the checks that every cluster and kernel depends on."""
    from jupyter_dbx.cli import jupyter, machine, software

    yield machine.check_system()
    yield software.check_java()
    yield software.check_spark()
    yield software.check_packages()
    yield machine.check_machine()
    yield jupyter.check_kernelspec()


def format_finding(finding: Finding, *, colour: bool = False) -> str:
    """Return a finding as a line, with its fix below."""
    code = {Level.OK: "32", Level.WARN: "33", Level.FAIL: "31"}[finding.level]
    level = f"{finding.level.value:<4}"
    level = f"\x1b[{code}m{level}\x1b[0m" if colour else level
    line = f"{level}  {finding.subject + ':':<18}{finding.message}"
    return f"{line}\n{'':24}→ {finding.fix}" if finding.fix else line


def default_data_dir() -> Path:
    """Return the default folder of the workspace."""
    return Path(jupyter_data_dir()) / "jupyter_dbx"


def default_cache_dir() -> Path:
    """Return the default folder of the class archives."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jupyter_dbx"
