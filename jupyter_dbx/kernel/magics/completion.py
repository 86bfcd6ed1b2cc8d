"""Completes what is typed after `%cluster`: verbs, options, clusters and node types."""

from __future__ import annotations

import re
import shlex
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from jupyter_dbx.kernel.client import Client
from jupyter_dbx.kernel.magics.options import NODE_TYPE_OPTIONS, VERBS
from jupyter_dbx.kernel.session import NotebookSession
from jupyter_dbx.model.errors import DbxError

#: How long somebody who presses the tab key waits for the server, and how long its answer is good for, s.
TIMEOUT_S, KEPT_S = 0.5, 2.0


class ClusterCompleter:
    """IPython asks it for every line; it answers only those with `%cluster`."""

    def __init__(self, session: NotebookSession) -> None:
        self._session = session
        #: what → (until when it is good, words)
        self._kept: dict[str, tuple[float, list[str]]] = {}

    @context_matcher(identifier="jupyter_dbx.cluster", priority=100)  # type: ignore[untyped-decorator]
    def match(self, context: CompletionContext) -> SimpleMatcherResult:
        """Return what may stand where the cursor is."""
        before = context.line_with_cursor[: context.cursor_position]
        found = re.fullmatch(r"\s*(?:[\w.]+\s*=\s*)?%cluster\s(.*)", before)
        if found is None:
            return SimpleMatcherResult(completions=[], suppress=False)
        words = found[1].split()
        typed = "" if not words or found[1][-1].isspace() else words.pop()
        return SimpleMatcherResult(
            completions=[SimpleCompletion(text=word, type="text") for word in self.words(words, typed)],
            matched_fragment=typed,
            suppress=True,
        )

    def words(self, before: list[str], typed: str) -> list[str]:
        """Return the words that begin with `typed` and may follow those `before`."""
        return [word for word in self._possible(before, typed) if word.startswith(typed)]

    def _possible(self, before: list[str], typed: str) -> Iterable[str]:
        if not before:
            return VERBS
        verb = VERBS.get(before[0])
        if verb is None:
            return []
        if typed.startswith("-"):
            return verb.options
        if before[-1] in NODE_TYPE_OPTIONS:
            return self._ask("node types", _node_types)
        if before[-1] in verb.options and verb.options[before[-1]].get("action") != "store_true":
            return []  # a value that nobody knows but the user
        if verb.name == "new" and len(before) == 1:
            return []
        if verb.name in ("one", "attached") and len(before) == 1:
            return self._ask("clusters", _clusters)
        return verb.options

    def _ask(self, what: str, ask: Callable[[Client], list[str]]) -> list[str]:
        if time.monotonic() > self._kept.get(what, (0.0, []))[0]:
            # On a thread, because not even the search for a server may hold up a key; a late answer is for the next one.
            asking = threading.Thread(target=self._fetch, args=(what, ask), name="dbx-complete", daemon=True)
            asking.start()
            asking.join(TIMEOUT_S)
        return self._kept.get(what, (0.0, []))[1]

    def _fetch(self, what: str, ask: Callable[[Client], list[str]]) -> None:
        try:
            words = ask(self._session.client)
        except DbxError:
            words = self._kept.get(what, (0.0, []))[1]  # what it said last is better than nothing
        self._kept[what] = (time.monotonic() + KEPT_S, words)


def _clusters(client: Client) -> list[str]:
    clusters = client.clusters("list")["clusters"]
    return [shlex.quote(c["cluster_name"] or c["cluster_id"]) for c in clusters]


def _node_types(client: Client) -> list[str]:
    types: list[dict[str, Any]] = client.clusters("list-node-types")["node_types"]
    return [t["node_type_id"] for t in types]
