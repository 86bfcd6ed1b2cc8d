"""HtmlFrame: HTML in a frame of its own, so that its style sheets and scripts affect nothing else on the page.

The frame is sandboxed without `allow-same-origin`: its scripts run, but do not reach the page or its cookies. Hence the page
cannot measure it either; the frame reports the height of its content in a message. Source: HTML standard, the `iframe` element.
"""

from __future__ import annotations

import base64
import gzip
from html import escape

#: HTML of this size and above is compressed, characters: a server drops larger outputs, and plotly's whole library has 4.6 MB.
COMPRESSED_FROM = 1_000_000

#: What a frame may do, besides showing.
PERMISSIONS = "allow-scripts allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads"

#: The font of content that sets none. `:where` gives every other rule precedence.
_STYLE = "<style>:where(html) { font: 13px system-ui, sans-serif }</style>"

#: Reports the height of the content when it changes. Content that is always higher than its frame is reported once. Links open
#: outside of the frame.
_FIT = """<script>(() => {
  let asked = 0, over = 0;
  const fit = () => {
    const root = document.documentElement;
    const bar = innerHeight - root.clientHeight, left = root.scrollHeight - root.clientHeight;
    if (left > 0 && left === over && innerHeight === asked) return;
    over = left;
    asked = Math.ceil(left > 0 ? root.scrollHeight : root.getBoundingClientRect().height) + bar;
    parent.postMessage({ dbxFrameHeight: asked }, "*");
  };
  new ResizeObserver(fit).observe(document.documentElement);
  addEventListener("load", fit);
  addEventListener("message", ({ source }) => { if (source === parent) fit(); });
  addEventListener("click", event => {
    const link = event.target.closest("a[href]"), href = link && link.getAttribute("href");
    if (!link) return;
    if (href.startsWith("#")) {
      event.preventDefault(); // it would load the page into the frame
      const target = document.getElementById(href.slice(1));
      if (target) target.scrollIntoView();
    } else if (!link.target) {
      link.target = "_blank"; // most sites refuse to be shown in a frame
    }
  }, true);
})();</script>"""

#: Replaces the frame's document with the uncompressed one.
_UNPACK = """<script>(async () => {
  const bytes = Uint8Array.from(atob("%s"), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(stream).text();
  document.open();
  document.write(text);
  document.close();
})();</script>"""

#: Applies the reported heights, once per page, and asks for those that were reported before.
_LISTEN = """<script>(() => {
  const frames = () => [...document.querySelectorAll("iframe.dbx-html")];
  if (!window.dbxFrames) {
    window.dbxFrames = true;
    window.addEventListener("message", ({ source, data }) => {
      const frame = frames().find(frame => frame.contentWindow === source);
      if (frame && data && data.dbxFrameHeight > 0) frame.style.height = `${data.dbxFrameHeight}px`;
    });
  }
  frames().forEach(frame => frame.contentWindow && frame.contentWindow.postMessage("fit", "*"));
})();</script>"""


class HtmlFrame:
    """HTML in a sandboxed frame as high as its content.

    Parameters
    ----------
    html : a fragment or a whole document
    """

    def __init__(self, html: str) -> None:
        self._html = html

    def _repr_html_(self) -> str:
        content = f"{_STYLE}{self._html}{_FIT}"
        if len(content) >= COMPRESSED_FROM:
            content = _UNPACK % base64.b64encode(gzip.compress(content.encode(), 6, mtime=0)).decode()
        return (
            f'<iframe class="dbx-html" title="HTML" sandbox="{PERMISSIONS}" srcdoc="{escape(content)}" '
            # White, because most content expects that.
            'style="display: block; width: 100%; height: 300px; border: 0; background: white; color-scheme: light">'
            f"</iframe>{_LISTEN}"
        )

    def __repr__(self) -> str:
        return "HTML"
