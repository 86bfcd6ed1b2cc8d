"""`%cluster`: controls clusters from a notebook."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class


@magics_class
class ClusterMagics(Magics):  # type: ignore[misc]  # mypy does not follow IPython here
    """The magic; its verbs are in `verbs.py`, and a kernel starts faster without them."""

    @line_magic  # type: ignore[untyped-decorator]
    def cluster(self, line: str) -> Any:
        """List, create, attach and control clusters; for help, run `%cluster -h`."""
        from jupyter_dbx.kernel.magics.options import read_line
        from jupyter_dbx.kernel.magics.verbs import ClusterVerbs

        args = read_line(line)
        return None if args is None else ClusterVerbs(self.shell.kernel.spark_session).run(args)
