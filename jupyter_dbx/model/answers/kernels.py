"""Answers about kernels and their clusters."""

from __future__ import annotations

from jupyter_dbx.model.answers.answer import Answer
from jupyter_dbx.model.answers.clusters import State


class AttachmentDetails(Answer, frozen=True):
    """The cluster that a notebook is attached to."""

    cluster_id: str = ""
    cluster_name: str = ""
    state: State = ""
    #: path of the notebook, or the kernel's ID if it has none
    path: str = ""
    #: ms since the epoch
    attached_time: int = 0


class AttachmentChoice(Answer, frozen=True):
    """The cluster that a notebook uses."""

    #: "" = none
    cluster_id: str = ""
    #: whether the user chose it, or chose none; otherwise the notebook's file and the kernel's default apply
    is_chosen: bool = False
    #: current path of the notebook, or the kernel's ID if it has none
    path: str = ""
