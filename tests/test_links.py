"""Links and paths in the documents and docstrings lead somewhere: files and headings of this tree; no network."""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]

DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob(".github/*.md"), *ROOT.glob("notebooks/*.ipynb")])

#: Files whose docstrings name others.
SOURCES = sorted([*(ROOT / "jupyter_dbx").rglob("*.py"), *(ROOT / "tests").rglob("*.py")])

#: A path to a source file.
PATH = re.compile(r"(?<![\w/.])[\w.-]+(?:/[\w.-]+)+\.(?:py|tsx?|css|toml)\b")


def text_of(document: Path) -> str:
    """Return the Markdown of a document: the whole file, or the text cells of a notebook."""
    if document.suffix != ".ipynb":
        return document.read_text()
    cells = json.loads(document.read_text())["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the tokens of a Markdown text, those inside lines too."""
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()


def links_of(text: str) -> list[str]:
    """Return the targets of links and images."""
    found = (token.attrGet("href") or token.attrGet("src") for token in tokens_of(text))
    return [unquote(str(target)) for target in found if target]


def anchors_of(text: str) -> set[str]:
    """Return the anchors of headings, spelled as GitHub does; of equal headings, the later ones are numbered."""
    anchors: set[str] = set()
    tokens = list(tokens_of(text))
    for before, token in itertools.pairwise(tokens):
        if before.type == "heading_open":
            anchor = re.sub(r"[^\w\- ]", "", token.content.lower()).replace(" ", "-")
            numbered = (f"{anchor}-{number}" for number in range(1, len(tokens)))
            anchors.add(anchor if anchor not in anchors else next(a for a in numbered if a not in anchors))
    return anchors


def is_dead(link: str, document: Path) -> bool:
    """Return whether a link leads to a file or heading that does not exist; links to other hosts are not followed."""
    if re.match(r"[a-z]+:", link):
        return False
    path, _, anchor = link.partition("#")
    target = document.parent / path if path else document
    return not target.exists() or (anchor != "" and anchor not in anchors_of(text_of(target)))


def paths_of(source: Path) -> set[str]:
    """Return the paths that the docstrings of a module name."""
    nodes = ast.walk(ast.parse(source.read_text()))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = (ast.get_docstring(node) or "" for node in nodes if isinstance(node, kinds))
    return {path for text in texts for path in PATH.findall(text)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_of_documents_lead_somewhere(document: Path) -> None:
    dead = [link for link in links_of(text_of(document)) if is_dead(link, document)]

    assert dead == []


@pytest.mark.parametrize(
    ("link", "dead"),
    [
        ("README.md", False),
        ("README.md#two-commands", False),
        ("#limits", False),
        ("https://spark.apache.org/#nothing", False),
        ("README.md#nothing", True),
        ("#nothing", True),
        ("notebooks/nothing.ipynb", True),
    ],
)
def test_dead_link_is_recognized(link: str, dead: bool) -> None:
    assert is_dead(link, ROOT / "README.md") is dead


def test_equal_headings_have_anchors_of_their_own() -> None:
    assert anchors_of("# A `b`, c!\n\n## Two\n\n## Two\n") == {"a-b-c", "two", "two-1"}


def test_paths_in_docstrings_lead_to_files() -> None:
    bases = [ROOT, ROOT / "jupyter_dbx", ROOT / "labextension" / "src"]

    dead = {
        f"{source.relative_to(ROOT)}: {path}"
        for source in SOURCES
        for path in paths_of(source)
        if not any((base / path).exists() for base in [source.parent, *bases])
    }

    assert dead == set()
