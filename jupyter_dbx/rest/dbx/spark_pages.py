"""Spark's pages as browsers get them: with links that lead somewhere, and able to run without an origin.

A page in a sandbox has no storage: reading `localStorage` throws, and Spark's scripts do that first. They get one that is kept in
the name of their frame or tab, so that it lasts from page to page. Links that lead elsewhere open in a new tab: browsers send
cookies for it, and other sites do not permit frames.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from urllib.parse import quote

from jupyter_dbx.managers.spark_uis import SparkUi

#: The pattern of a link to a log from a Spark worker.
_LOG_LINK = re.compile(
    rb"http://([\w.:-]+):\d+/logPage/\?appId=([\w-]+)&(?:amp;)?executorId=(\w+)&(?:amp;)?logType=(\w+)"
)

#: Directives of Spark's own policy that are not its affair: who may frame its pages, and to whom violations are reported.
_OURS = ("frame-ancestors", "report-uri", "report-to")

#: The handler of a stage in the graph of a job, which Spark sets although its own policy forbids it.
_HANDLER = "window.localStorage.setItem(expandDagVizArrowKey(false), true)"

#: The nonce of the scripts that Spark's own policy allows.
_NONCE = re.compile(r"'nonce-([\w+/=-]+)'")

#: `ROOT` is replaced by the path of the UI.
_SCRIPT = """
(() => {
  const root = new URL(ROOT, location.href).href;
  const read = () => {
    try {
      return new Map(Object.entries(JSON.parse(window.name)));
    } catch {
      return new Map(); // the name is somebody else's
    }
  };
  const items = read();
  const keep = () => {
    window.name = JSON.stringify(Object.fromEntries(items));
  };
  const storage = {
    getItem: key => items.get(String(key)) ?? null,
    setItem: (key, value) => {
      items.set(String(key), String(value));
      keep();
    },
    removeItem: key => {
      items.delete(String(key));
      keep();
    }
  };
  for (const name of ['localStorage', 'sessionStorage']) {
    Object.defineProperty(window, name, { value: storage });
  }
  const open = event => {
    const link = event.target.closest?.('a[href]');
    if (link?.protocol.startsWith('http') && !link.href.startsWith(root)) {
      link.target = '_blank';
    }
  };
  addEventListener('click', open, true);
})();
"""

#: What JupyterLab is told when a page has expired; it knows where the user was by `path`. See `SparkUi.tsx`.
_EXPIRED = "parent.postMessage({ type: 'jupyter-dbx:expired', path: PATH }, '*');"


def with_script(page: bytes, policy: str, root: str) -> bytes:
    """Return an HTML page with the script that lets Spark's own ones run.

    Parameters
    ----------
    policy : Spark's Content-Security-Policy of this page; "" = none
    root : path of the UI, on which all its links begin
    """
    nonce = _NONCE.search(policy)
    attribute = f' nonce="{nonce[1]}"' if nonce else ""
    script = _SCRIPT.replace("ROOT", _quoted(root))
    return page.replace(b"<head>", f"<head><script{attribute}>{script}</script>".encode(), 1)


def policy_of(policy: str) -> str:
    """Return what counts of Spark's Content-Security-Policy: it keeps injected scripts from running at all."""
    digest = base64.b64encode(hashlib.sha256(_HANDLER.encode()).digest()).decode()
    allowed = policy.replace("script-src ", f"script-src 'unsafe-hashes' 'sha256-{digest}' ")
    directives = [directive.strip() for directive in allowed.split(";")]
    return "; ".join(d for d in directives if d and not d.lower().startswith(_OURS))


def with_log_links(body: bytes, ui: SparkUi, logs: str) -> bytes:
    """Return a page or JSON whose links to executor logs lead to the log API.

    Parameters
    ----------
    logs : beginning of a URL, which the path of a log follows
    """

    def link_to_log(link: re.Match[bytes]) -> bytes:
        address, application, executor, stream = (part.decode() for part in link.groups())
        node = ui.nodes.get(address)
        path = f"{node}/worker/work/{application}/{executor}/{stream}"
        return f"{logs}{quote(path)}".encode() if node else link[0]

    return _LOG_LINK.sub(link_to_log, body)


def error_page(message: str, *, expired_at: str = "") -> str:
    """Return a short page with an error.

    Parameters
    ----------
    expired_at : path and query below the UI's root whose ticket has expired; JupyterLab loads it with a new one
    """
    script = f"<script>{_EXPIRED.replace('PATH', _quoted(expired_at))}</script>" if expired_at else ""
    return f"<!doctype html><title>Spark UI</title><p>{escape(message)}</p>{script}"


def _quoted(text: str) -> str:
    """Return a text as a literal of a script in HTML."""
    return json.dumps(text).replace("<", "\\u003c")
