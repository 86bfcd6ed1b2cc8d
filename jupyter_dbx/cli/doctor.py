"""`jupyter dbx doctor`: says what is wrong with this machine for Spark clusters, and the mend."""

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
    what = "Look for what keeps Spark clusters from running here, and say the mend"
    parser = verbs.add_parser("doctor", help=what, description=f"{what}. Exit code 1 if a check fails.")
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help="as DbxApp.data_dir (%(default)s)")
    parser.add_argument("--cache-dir", type=Path, default=default_cache_dir(), help="as DbxApp.cache_dir (%(default)s)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make all checks, print a line for each, and return 1 if any fails."""
    findings = []
    for finding in examine(args.data_dir, args.cache_dir):
        findings.append(finding)
        print(format_finding(finding, colour=has_colour(sys.stdout)), flush=True)
    fails = sum(f.level is Level.FAIL for f in findings)
    warns = sum(f.level is Level.WARN for f in findings)
    if fails:
        print(f"\n{count(fails, 'check')} failed: clusters will not run until this is mended.")
    elif warns:
        print(f"\nClusters can run; {count(warns, 'warning')}.")
    else:
        print("\nAll is well. `jupyter dbx demo` shows a cluster at work.")
    return 1 if fails else 0


def examine(data_dir: Path, cache_dir: Path) -> Iterator[Finding]:
    """Yield every finding, the quick and fundamental ones first."""
    # Not at the top, here and below: what looks at the machine is slow to import, and all other verbs would wait for it.
    from jupyter_dbx.cli import jupyter, machine, software

    yield from essentials()
    yield machine.check_loopback()
    yield machine.check_disk("Data folder", data_dir, setting="DbxApp.data_dir")
    yield machine.check_disk("Temp. folder", Path(tempfile.gettempdir()), setting="TMPDIR")
    yield jupyter.check_extension()
    yield software.check_archives(cache_dir)
    yield jupyter.check_server()


def essentials() -> Iterator[Finding]:
    """Yield what no cluster and no kernel can do without."""
    from jupyter_dbx.cli import jupyter, machine, software

    yield machine.check_system()
    yield software.check_java()
    yield software.check_spark()
    yield software.check_packages()
    yield machine.check_machine()
    yield jupyter.check_kernelspec()


def format_finding(finding: Finding, *, colour: bool = False) -> str:
    """Return a finding as a line, and its mend below."""
    paint = {Level.OK: "32", Level.WARN: "33", Level.FAIL: "31"}[finding.level]
    level = f"{finding.level.value:<4}"
    level = f"\x1b[{paint}m{level}\x1b[0m" if colour else level
    line = f"{level}  {finding.what + ':':<18}{finding.says}"
    return f"{line}\n{'':24}→ {finding.mend}" if finding.mend else line


def default_data_dir() -> Path:
    """Return where the workspace lies if nobody configures it."""
    return Path(jupyter_data_dir()) / "jupyter_dbx"


def default_cache_dir() -> Path:
    """Return where class archives lie if nobody configures it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jupyter_dbx"
