"""Texts of a cluster's events and termination reasons."""

from __future__ import annotations

from jupyter_dbx.client.dialect import duration_words, plural
from jupyter_dbx.model.answers.answer import UNSET, known
from jupyter_dbx.model.answers.clusters import Termination
from jupyter_dbx.model.answers.events import ClusterEvent, EventDetails, EventReason

#: Event type → its text; names in braces are those of `_event_facts`.
_EVENTS = {
    "CREATING": "Created{by}",
    "STARTING": "Starting{requested}",
    "RUNNING": "Running with {current}",
    "RESTARTING": "Restarting{requested}",
    "TERMINATING": "Terminating: {reason}",
    "RESIZING": "Resizing from {current} to {target}{cause}",
    "UPSIZE_COMPLETED": "Resized to {current}",
    "NODES_LOST": "Lost a node and is replacing it: {current} left",
    "ADD_NODES_FAILED": "Failed to add a node{because}",
    "DRIVER_HEALTHY": "Driver is healthy",
    "DRIVER_NOT_RESPONDING": "Driver is not responding{because}",
    "EDITED": "Edited{by}",
    "PINNED": "Pinned{by}",
    "UNPINNED": "Unpinned{by}",
    "AUTOSCALING_FAILED": "Autoscaling failed{because}",
    "DECOMMISSION_STARTED": "Decommissioning {node}",
    "DECOMMISSION_ENDED": "Decommissioned {node}",
    "INACTIVITY_WARNING": "Idle: terminates{left} unless it is used or extended",
}

#: Code of a termination reason → its text.
_REASONS = {
    "USER_REQUEST": "requested{by}",
    "INACTIVITY": "inactive{minutes}",
}


def reason_words(reason: Termination | EventReason) -> str:
    """Return the text of a termination reason, a fragment of a sentence."""
    parameters = reason.parameters or {}
    minutes = parameters.get("inactivity_duration_min")
    facts = {
        "by": f" by {parameters['username']}" if parameters.get("username") else "",
        "minutes": f" for {minutes} min" if minutes else "",
    }
    words = _REASONS[reason.code].format_map(facts) if reason.code in _REASONS else reason.code
    message = parameters.get("databricks_error_message") or parameters.get("driver_state_message")
    return f"{words}: {message}" if message else words


def event_words(event: ClusterEvent) -> str:
    """Return the text of an event."""
    template = _EVENTS.get(event.type)
    if template is None:
        return event.type.capitalize().replace("_", " ")
    return template.format_map(_event_facts(event.details))


def _event_facts(details: EventDetails) -> dict[str, str]:
    reason, left_s = details.reason, details.ends_in_s
    why = details.driver_state_message or (reason_words(reason) if reason else "")
    return {
        "by": f" by {details.user}" if details.user else "",
        "requested": f", requested by {details.user}" if details.user else "",
        "current": plural(details.current_num_workers or 0, "worker"),
        "target": plural(known(details.target_num_workers, None) or 0, "worker"),
        "cause": " (autoscaling)" if details.cause == "AUTOSCALE" else "",
        "reason": reason_words(reason) if reason else "unknown reason",
        "because": f": {why}" if why else "",
        "node": details.instance_id or "a worker",
        "left": "" if left_s is UNSET else f" in {duration_words(left_s)}",
    }
