"""Identified: a handler that knows who makes its request, and records how it ended."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import cached_property

from jupyter_core.utils import ensure_async
from jupyter_server.auth.identity import User
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError

from jupyter_dbx import __version__
from jupyter_dbx.model.audit import AuditRecord
from jupyter_dbx.model.door import Door
from jupyter_dbx.model.errors import PermissionDenied
from jupyter_dbx.model.principal import Principal, Via
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.rest.framework.services import Services

#: What Jupyter's authorizer is asked about.
RESOURCE = "dbx"


def services_of(handler: JupyterHandler) -> Services:
    """Return the services of a handler's server."""
    services: Services = handler.settings["jupyter_dbx"]
    return services


class Identified(JupyterHandler):
    """Knows who makes the request: a user as on every Jupyter route, or the holder of a token of ours."""

    #: set by `prepare`: the caller, and the caller's own server that passed the request on, or None
    principal: Principal
    door: Door | None
    _is_by_token = False

    def set_default_headers(self) -> None:
        """Send the request's id, also with errors."""
        super().set_default_headers()
        self.set_header("x-request-id", self.request_id)

    @cached_property
    def request_id(self) -> str:
        """Return an id under which the audit log has the request."""
        return secrets.token_hex(8)

    async def prepare(self) -> None:  # type: ignore[override]  # as jupyter_server's own handlers do
        """Authenticate the caller, and ask Jupyter's authorizer."""
        found = await self.token_holder()
        self._is_by_token = found is not None
        try:
            await super().prepare()
        except HTTPError:
            # Without a valid token, report that instead of Jupyter's error about a missing cookie.
            if self.current_user is None and found is None:
                raise await self._refused() from None
            raise
        if found is None and self.current_user is not None:
            found = await self._services.identity.of_user(self.current_user, self.identity_provider)
        if found is None:
            raise await self._refused()
        self.door = self._read_door()
        if self.door and found.via is Via.KERNEL:
            raise PermissionDenied("A kernel cannot be a door.")
        if self.door and self.door.kernel_id:
            found = replace(found, via=Via.KERNEL, kernel_id=self.door.kernel_id)
        self.principal = found
        user = self.current_user or User(username=found.user_name, name=found.display_name)
        action = "read" if self.request.method in ("GET", "HEAD", "OPTIONS") else "write"
        if not await ensure_async(self.authorizer.is_authorized(self, user, action, RESOURCE)):
            await self.audit(
                f"{self.request.method} {self.request.path}", None, PermissionDenied.status, "PERMISSION_DENIED"
            )
            raise PermissionDenied(f"This Jupyter server does not authorize {found.user_name} to {action} {RESOURCE}.")

    def _read_door(self) -> Door | None:
        value = self.request.headers.get(Door.HEADER)
        return Door.decode(value, __version__) if value else None

    async def token_holder(self) -> Principal | None:
        """Return the principal of the token of ours that was sent, or None if none was."""
        sent = self.request.headers.get("Authorization", "").partition(" ")[2]
        return await self._services.identity.of_token(sent) if sent else None

    def check_xsrf_cookie(self) -> None:
        """Skip the check for tokens of ours, which no browser sends by itself."""
        if not self._is_by_token:
            super().check_xsrf_cookie()

    async def recheck(self) -> Principal:
        """Return the caller as it is known now, during a long answer.

        Raises
        ------
        PermissionDenied : its token has been revoked or has expired
        """
        people = self._services.people
        found = await self.token_holder() if self._is_by_token else await people.find(self.principal.user_name)
        if found is None:
            raise PermissionDenied("The token of this request is no longer valid.")
        return found

    async def audit(self, action: str, subject: Subject | None, status: int, outcome: str) -> None:
        """Record how the request ended."""
        principal = getattr(self, "principal", None)
        await self._services.audit.write(
            AuditRecord(
                time=self._services.audit.now_ms(),
                request_id=self.request_id,
                user_name=principal.user_name if principal else "",
                via=principal.via.value if principal else "",
                by=principal.kernel_id or principal.token_id if principal else "",
                source=self.request.remote_ip or "",
                action=action,
                object=f"{subject.kind} {subject.id}" if subject else "",
                status=status,
                outcome=outcome,
            )
        )

    async def _refused(self) -> PermissionDenied:
        await self.audit(f"{self.request.method} {self.request.path}", None, PermissionDenied.status, "UNAUTHENTICATED")
        return PermissionDenied()

    @property
    def _services(self) -> Services:
        return services_of(self)
