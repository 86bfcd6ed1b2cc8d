"""The dependency rule: who may import whom, of ours and of others; no cycles; no long files."""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "jupyter_dbx"

#: No file of ours is longer, lines.
LONGEST_FILE = 400


@dataclass(frozen=True)
class Rule:
    """What one room may import; its own modules and the standard library are always allowed."""

    #: our rooms or modules, by their names below `jupyter_dbx`
    ours: frozenset[str] = frozenset()
    #: top-level packages of others
    others: frozenset[str] = frozenset()


def may(ours: str = "", others: str = "") -> Rule:
    return Rule(frozenset(ours.split()), frozenset(others.split()))


#: Room or file → what it may import. A library brings its own foundations along: jupyter_server those of an
#: application (traitlets, jupyter_core), ipykernel IPython's, pyspark py4j and pandas.
RULES = {
    "": may(ours="app kernel.widgets"),
    "model": may(),
    "store": may(ours="model", others="sqlalchemy"),
    "spark": may(ours="model", others="tornado"),
    "driver": may(ours="model spark", others="psutil py4j tornado"),
    "backends": may(ours="model", others="traitlets psutil asyncssh kubernetes"),
    "managers": may(ours="model store backends.base", others="cryptography"),
    "controllers": may(ours="model store spark backends.base managers", others="traitlets"),
    "rest": may(ours="model managers", others="jupyter_server jupyter_events tornado"),
    "kernel": may(
        ours="model",
        others="ipykernel IPython comm traitlets jupyter_core nbclient nbformat pyspark py4j pandas pyarrow ipywidgets "
        "tornado wrapt",
    ),
    "provisioner": may(ours="model managers", others="jupyter_client traitlets"),
    "cli": may(
        ours="model spark kernel.client kernel.wording kernel.event_words",
        others="argcomplete psutil nbclient nbformat jupyter_core jupyter_server packaging pandas traitlets",
    ),
    "app": may(
        ours="model store spark backends managers controllers rest provisioner cli",
        others="jupyter_server jupyter_core traitlets tornado",
    ),
}

#: A library that only these modules of a room may import.
ONLY_IN = {
    ("spark", "tornado"): "jupyter_dbx.spark.probe",
    ("managers", "cryptography"): "jupyter_dbx.managers.sealing",
    ("cli", "jupyter_server"): "jupyter_dbx.cli.control_plane",
    ("backends", "psutil"): "jupyter_dbx.backends.machine",
    ("backends", "asyncssh"): "jupyter_dbx.backends.ssh",
    ("backends", "kubernetes"): "jupyter_dbx.backends.kubernetes",
}


@dataclass(frozen=True)
class Import:
    """One import statement's target."""

    #: dotted; a module, never a name in it, if it is one of ours
    module: str
    #: True inside `if TYPE_CHECKING:`, where nothing is loaded
    for_types: bool


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports_of(module: str) -> list[Import]:
    """Return every import of a module, also those inside functions."""
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return list(_walk(ast.parse(path.read_text()), package, for_types=False))


def _walk(node: ast.AST, package: str, *, for_types: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, for_types) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *filter(None, [base])])
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield Import(inner if inner in FILES else base, for_types)
    elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        for child in node.body:
            yield from _walk(child, package, for_types=True)
        for child in node.orelse:
            yield from _walk(child, package, for_types=for_types)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _walk(child, package, for_types=for_types)


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def is_allowed(module: str, imported: str) -> bool:
    """Return whether the rule of `module`'s room lets it import `imported`."""
    room, top = room_of(module), imported.partition(".")[0]
    rule = RULES[room]
    if top != "jupyter_dbx":
        only_in = ONLY_IN.get((room, top), module)
        return top in sys.stdlib_module_names or (top in rule.others and module == only_in)
    inner = imported.partition(".")[2]
    same_room = room != "" and room_of(imported) == room
    # `from jupyter_dbx import __version__` is everybody's.
    return inner == "" or same_room or any(inner == o or inner.startswith(f"{o}.") for o in rule.ours)


@pytest.mark.parametrize("module", FILES)
def test_module_imports_only_what_its_room_may(module: str) -> None:
    assert room_of(module) in RULES, f"{module} is in no room of the table"

    forbidden = {i.module for i in imports_of(module) if not is_allowed(module, i.module)}

    assert not forbidden


@pytest.mark.parametrize(
    ("module", "imported", "allowed"),
    [
        ("jupyter_dbx.model.node", "dataclasses", True),
        ("jupyter_dbx.model.node", "jupyter_dbx.model.wire", True),
        ("jupyter_dbx.model.node", "psutil", False),
        ("jupyter_dbx.model.node", "jupyter_dbx.store", False),
        ("jupyter_dbx.store", "sqlalchemy.engine", True),
        ("jupyter_dbx.managers.clusters", "jupyter_dbx.backends.base", True),
        ("jupyter_dbx.managers.clusters", "jupyter_dbx.backends.local", False),
        ("jupyter_dbx.managers.clusters", "jupyter_dbx.controllers.base", False),
        ("jupyter_dbx.controllers.plan", "jupyter_dbx.backends.memory", False),
        ("jupyter_dbx.spark.probe", "tornado.httpclient", True),
        ("jupyter_dbx.spark.java", "tornado.httpclient", False),
        ("jupyter_dbx.spark.java", "pyspark", False),
        ("jupyter_dbx.driver.context", "py4j.protocol", True),
        ("jupyter_dbx.driver.context", "pyspark", False),
        ("jupyter_dbx.kernel.session", "jupyter_dbx.managers.clusters", False),
        ("jupyter_dbx.cli", "jupyter_dbx.kernel.client", True),
        ("jupyter_dbx.cli", "jupyter_dbx.kernel.session", False),
        ("jupyter_dbx.app", "jupyter_dbx.backends.local", True),
        ("jupyter_dbx.app", "jupyter_dbx.driver.daemon", False),
    ],
)
def test_rule_reads_as_the_table(module: str, imported: str, allowed: bool) -> None:
    assert is_allowed(module, imported) is allowed


def test_imports_form_no_cycle() -> None:
    # The root's one import is Jupyter's discovery hook, which nobody calls while importing.
    modules = FILES.keys() - {"jupyter_dbx"}
    graph = {m: {i.module for i in imports_of(m) if not i.for_types} & modules for m in modules}

    order = list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError, which names the cycle

    assert set(order) == set(graph)


def test_managers_use_only_the_read_verbs_of_a_backend() -> None:
    used = {
        node.attr
        for module, path in FILES.items()
        if room_of(module) == "managers"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("_backend")
    }

    assert used <= {"node_types", "place", "list_logs", "read_log", "inspect"}


@pytest.mark.parametrize("room", sorted({path.parent for path in FILES.values()}), ids=lambda p: p.name)
def test_room_tells_what_it_is(room: Path) -> None:
    page = room / "__init__.py"

    assert page.exists()
    assert ast.get_docstring(ast.parse(page.read_text()))


@pytest.mark.parametrize("module", FILES)
def test_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(ast.parse(FILES[module].read_text()))


def test_no_file_is_too_long() -> None:
    files = [*FILES.values(), *(ROOT / "tests").rglob("*.py")]
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}

    too_long = {name: count for name, count in lines.items() if count > LONGEST_FILE}

    assert not too_long
