"""Carl, an OS user who has no right to anything, and looks around."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from other_user import Namespace


class Carl:
    """Runs spy.py as the third user of a namespace; the other two are those whom it spies on."""

    def __init__(self, namespace: Namespace) -> None:
        ann, bob, self._user = namespace.users
        self._namespace, self._uids = namespace, [ann.uid, bob.uid]
        self._places = [str(ann.home), str(bob.home), tempfile.gettempdir(), "/dev/shm", "/var/tmp"]

    def commands(self) -> list[Any]:
        return self._spy("commands", self._uids)

    def files(self) -> list[Any]:
        return self._spy("files", self._uids, self._places)

    def sockets(self) -> list[Any]:
        return self._spy("sockets", self._uids)

    def ports(self, served: list[str]) -> list[Any]:
        return self._spy("ports", self._uids, served)

    def _spy(self, what: str, *arguments: object) -> list[Any]:
        code = Path(__file__).with_name("spy.py").read_text()
        return list(json.loads(self._namespace.run(self._user, code, what, json.dumps(arguments), timeout_s=200)))
