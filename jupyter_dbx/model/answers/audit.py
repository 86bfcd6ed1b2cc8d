"""Answers about the audit log."""

from __future__ import annotations

from jupyter_dbx.model.answers.answer import UNSET, Answer, Omittable
from jupyter_dbx.model.audit import AuditRecord


class AuditPage(Answer, frozen=True):
    """A page of the audit log, newest first."""

    records: tuple[AuditRecord, ...] = ()
    next_page_token: Omittable[str] = UNSET
