"""`/api/dbx/audit`: the audit log, for administrators."""

from __future__ import annotations

from typing import Annotated

from jupyter_dbx.model.answers.answer import UNSET
from jupyter_dbx.model.answers.audit import AuditPage
from jupyter_dbx.model.audit import AuditFilter
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.rest.framework.endpoint import Arg, Call, Route
from jupyter_dbx.rest.framework.needs import Role

#: Records per page: default and maximum.
PAGE, MAX_PAGE = 100, 1000


async def audit(
    call: Call,
    user_name: Annotated[str, Arg("Only records of this user.")] = "",
    action: Annotated[str, Arg("Only records whose action contains this, e.g. `clusters/start`.")] = "",
    about: Annotated[str, Arg("Only records whose object contains this, e.g. a cluster's ID.", name="object")] = "",
    start_time: Annotated[int, Arg("Earliest time, included, ms since the epoch.")] | None = None,
    end_time: Annotated[int, Arg("Latest time, included, ms since the epoch.")] | None = None,
    page_size: Annotated[int, Arg(f"Records per page; 0 = {PAGE}.", minimum=0, maximum=MAX_PAGE)] = 0,
    token: Annotated[str, Arg("`next_page_token` of the previous answer.", name="page_token")] = "",
) -> AuditPage:
    """Return a page of the audit log, newest first: requests that changed something, read a secret, or were refused."""
    size = page_size or PAGE
    offset, until = _parse_token(token)
    # Fixed on the first page, so that new records do not shift the following ones.
    until = call.services.audit.now_ms() if until is None and end_time is None else until or end_time
    wanted = AuditFilter(user_name, action, about, start_time, until)
    found = await call.services.audit.read(wanted, offset=offset, limit=size + 1)
    more = f"{offset + size}.{until}" if len(found) > size else UNSET
    return AuditPage(records=tuple(found[:size]), next_page_token=more)


def _parse_token(token: str) -> tuple[int, int | None]:
    if not token:
        return 0, None
    offset, _, until = token.partition(".")
    if not (offset.isdecimal() and until.isdecimal()):
        raise InvalidParameterValue(
            f"page_token must be a token from a previous answer, not {token!r}", field="page_token"
        )
    return int(offset), int(until)


ROUTES: list[Route] = [Route("GET", "dbx/audit", audit, Role.ADMIN)]
