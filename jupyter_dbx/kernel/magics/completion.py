"""Completion after `%cluster`: verbs, options, clusters and node types."""

from __future__ import annotations

import re
import shlex
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from jupyter_dbx.kernel.session.session import NotebookSession
from jupyter_dbx.model.errors import DbxError

if TYPE_CHECKING:
    from jupyter_dbx.client.client import Client

#: Maximum delay of a completion, and lifetime of a cached answer, s.
TIMEOUT_S, CACHED_S = 0.5, 2.0


class ClusterCompleter:
    """Matcher that IPython calls for every line; it completes only lines with `%cluster`."""

    def __init__(self, session: NotebookSession) -> None:
        self._session = session
        #: kind of word → (expiry on the monotonic clock, s; words)
        self._cache: dict[str, tuple[float, list[str]]] = {}

    @context_matcher(identifier="jupyter_dbx.cluster", priority=100)  # type: ignore[untyped-decorator]
    def match(self, context: CompletionContext) -> SimpleMatcherResult:
        """Return the completions at the cursor."""
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
        from jupyter_dbx.kernel.magics.options import NODE_TYPE_OPTIONS, VERBS  # a kernel starts faster without them

        if not before:
            return VERBS
        verb = VERBS.get(before[0])
        if verb is None:
            return []
        if typed.startswith("-"):
            return verb.options
        if before[-1] in NODE_TYPE_OPTIONS:
            return self._lookup("node types", _node_types)
        if before[-1] in verb.options and verb.options[before[-1]].get("action") != "store_true":
            return []  # a free value
        if verb.name == "new" and len(before) == 1:
            return []
        if verb.name in ("one", "attached") and len(before) == 1:
            return self._lookup("clusters", _clusters)
        return verb.options

    def _lookup(self, kind: str, request: Callable[[Client], list[str]]) -> list[str]:
        if time.monotonic() > self._cache.get(kind, (0.0, []))[0]:
            # On a thread, so that even the search for a server cannot block typing; a late answer serves the next key.
            thread = threading.Thread(target=self._fetch, args=(kind, request), name="dbx-complete", daemon=True)
            thread.start()
            thread.join(TIMEOUT_S)
        return self._cache.get(kind, (0.0, []))[1]

    def _fetch(self, kind: str, request: Callable[[Client], list[str]]) -> None:
        try:
            words = request(self._session.notebook.client)
        except DbxError:
            words = self._cache.get(kind, (0.0, []))[1]  # an expired answer is better than none
        self._cache[kind] = (time.monotonic() + CACHED_S, words)


def _clusters(client: Client) -> list[str]:
    return [shlex.quote(cluster.name) for cluster in client.list_clusters().clusters]


def _node_types(client: Client) -> list[str]:
    return [node_type.node_type_id for node_type in client.list_node_types().node_types]
