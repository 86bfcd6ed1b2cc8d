"""The cost of the side panel with 200 running clusters: `python tests/benchmarks/panel.py`.

Two JupyterLabs run side by side in separate browsers, one with the extension and its panel open, one without it. The clusters
are simulated. Measured are the time until the list appears after the page has loaded, the time until a change of a cluster
appears, and the CPU use of the browsers while nothing happens.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))
sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

from lab import FLAGS, Lab
from live import TOKEN, Server, Workspace, wait_until
from playwright.sync_api import Page, sync_playwright

#: JupyterLab with simulated clusters.
MEMORY_LAB = str(Path(__file__).parents[1] / "browser" / "memory_lab.py")

CLUSTERS = 200

#: Maximum time until the list appears, s; until a change appears, s; CPU of a core, %.
MOST_PAINT_S, MOST_UPDATE_S, MOST_CPU = 0.5, 1.0, 1.0

#: Records, in ms since the page began to load, when the splash screen was gone and when all rows were present.
NOTE = """
window.dbxTimes = {};
const isUp = () => document.querySelector('#main') && !document.querySelector('#jupyterlab-splash');
const hasRows = () => document.querySelectorAll('.jp-Dbx-row').length >= COUNT;
const note = (name, happened) =>
  happened() ? (window.dbxTimes[name] = performance.now()) : requestAnimationFrame(() => note(name, happened));
note('up', isUp);
note('rows', hasRows);
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=int, default=5, help="how often the page is loaded (default: 5)")
    parser.add_argument("--updates", type=int, default=20, help="how many changes are made (default: 20)")
    parser.add_argument("--seconds", type=float, default=60, help="how long to measure the idle page, s (default: 60)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbx-benchmark-") as folder, servers(Path(folder)) as (dbx, plain):
        ids = [dbx.create(f"cluster {n}", node_type_id="memory-1c", is_single_node=True) for n in range(CLUSTERS)]
        wait_until(lambda: states_of(dbx).count("RUNNING") == CLUSTERS, 120)
        with sync_playwright() as playwright:
            browsers = [playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS) for _ in "12"]
            mains = chromiums()
            page, without = (browser.new_page() for browser in browsers)
            paints = [load(page, dbx) for _ in range(args.loads)]
            without.goto(f"{plain.url}lab?token={TOKEN}&reset")
            without.wait_for_function("window.jupyterapp?.restored.then(() => true)")
            assert without.evaluate("!document.querySelector('#jp-dbx-clusters')")
            updates = [update(page, dbx, ids[n % CLUSTERS], f"changed {n}") for n in range(args.updates)]
            wait_until_still(dbx)
            cpu = idle_cpu(mains, args.seconds)
            for browser in browsers:
                browser.close()
    return report(paints, updates, cpu)


def load(page: Page, server: Server) -> float:
    """Load the page, and return when the list appeared relative to JupyterLab, s; negative = earlier."""
    page.add_init_script(NOTE.replace("COUNT", str(CLUSTERS)))
    page.goto(f"{server.url}lab?token={TOKEN}")
    page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
    page.evaluate("window.jupyterapp.commands.execute('dbx:show-clusters')")  # later loads restore it
    page.wait_for_function("window.dbxTimes.rows && window.dbxTimes.up")
    times = page.evaluate("window.dbxTimes")
    time.sleep(2)  # until JupyterLab has saved which panel is open
    return float(times["rows"] - times["up"]) / 1000


def update(page: Page, server: Server, cluster_id: str, name: str) -> float:
    """Rename a cluster through the API, and return the time until the page shows it, s."""
    spec = server.cluster(cluster_id)["spec"] | {"cluster_id": cluster_id, "cluster_name": name}
    began = time.monotonic()
    server.call("POST", "api/2.1/clusters/edit", spec)
    page.get_by_text(name, exact=True).wait_for(timeout=10_000)
    return time.monotonic() - began


def wait_until_still(server: Server, still_s: float = 130) -> None:
    """Wait until nothing has changed for a while: started daemons are checked again after two minutes."""
    deadline, revision, since = time.monotonic() + 600, -1, 0.0
    while time.monotonic() - since < still_s or revision < 0:
        assert time.monotonic() < deadline, "something changes all the time"
        if (now := server.call("GET", "api/dbx/live")["revision"]) != revision:
            revision, since = now, time.monotonic()
        time.sleep(1)


def idle_cpu(mains: list[psutil.Process], seconds: float) -> list[float]:
    """Return the CPU use of each browser with all its processes, % of a core."""
    before, began = [cpu_s(main) for main in mains], time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return [100 * (cpu_s(main) - was) / took for main, was in zip(mains, before, strict=True)]


def chromiums() -> list[psutil.Process]:
    """Return the main processes of the started browsers, oldest first."""
    found = [
        process
        for process in psutil.Process().children(recursive=True)
        if any(word.startswith("--user-data-dir") for word in process.cmdline())
        and not any(word.startswith("--type=") for word in process.cmdline())
        and "chrom" in process.name()
    ]
    return sorted(found, key=lambda process: process.create_time())


def cpu_s(main: psutil.Process) -> float:
    """Return the CPU time of a browser so far, s."""
    return float(sum(sum(process.cpu_times()[:2]) for process in (main, *main.children(recursive=True))))


def states_of(server: Server) -> list[str]:
    return [cluster["state"] for cluster in server.call("GET", "api/dbx/clusters")["clusters"]]


def report(paints: list[float], updates: list[float], cpu: list[float]) -> int:
    """Print a row for each measure, and return 1 if one is above its limit."""
    median = statistics.median
    rows = (
        ("list after page is up, s", max(paints), MOST_PAINT_S, f"of {len(paints)} the median {median(paints):.2f}"),
        ("change on the screen, s", max(updates), MOST_UPDATE_S, f"of {len(updates)} the median {median(updates):.2f}"),
        ("CPU of the idle page, %", cpu[0] - cpu[1], MOST_CPU, f"{cpu[0]:.2f} with, {cpu[1]:.2f} without"),
    )
    for name, value, most, more in rows:
        print(f"{name:26} {value:6.2f}   at most {most:4.1f}   {'ok' if value <= most else 'TOO MUCH'}   {more}")
    return int(any(value > most for _, value, most, _ in rows))


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Server, Server]]:
    """Run a JupyterLab with the extension, and one without it."""
    simulated = (
        "--DbxApp.backend_name=memory",
        "--MemoryBackend.memory_mib=10000000",
        "--ClusterController.busy_s=0.05",
    )
    dbx = serve(folder / "dbx", *simulated)
    try:
        config = folder / "plain-config" / "labconfig"
        config.mkdir(parents=True)
        (config / "page_config.json").write_text(json.dumps({"disabledExtensions": {"jupyter-dbx": True}}))
        os.environ["JUPYTER_CONFIG_DIR"] = str(config.parent)
        plain = serve(folder / "plain", *simulated)
        try:
            yield dbx, plain
        finally:
            plain.stop()
    finally:
        dbx.stop()


def serve(folder: Path, *options: str) -> Server:
    folder.mkdir()
    return Server(Workspace(folder, folder / "cache"), program=(MEMORY_LAB,), options=(*Lab.options(folder), *options))


if __name__ == "__main__":
    sys.exit(main())
