"""ClusterPanel: what a user may not do is disabled, and says whom to ask."""

from __future__ import annotations

import pytest
from clicking import button, click, panel_of, rows
from fake_server import FakeClient, a_cluster


@pytest.mark.parametrize(
    ("level", "refused"),
    [
        (
            "CAN_ATTACH_TO",
            {"Terminate": "Can Restart", "Restart": "Can Restart", "Edit": "Can Manage", "Pin": "Can Manage"},
        ),
        ("CAN_RESTART", {"Edit": "Can Manage", "Delete": "Can Manage", "Resize": "Can Manage"}),
        ("CAN_MANAGE", {}),
        ("", {}),  # of an older server
    ],
)
def test_buttons_that_the_user_may_not_press_say_why(level: str, refused: dict[str, str]) -> None:
    cluster = a_cluster("1", "etl", permission_level=level, creator_user_name="ann")
    with panel_of(FakeClient("http://fake/", "t", known=[cluster])) as panel:
        (row,) = rows(panel)
        click(row, "More")
        panel.refresh()

    tips = {
        label: button(row, label).tooltip
        for label in ("Terminate", "Restart", "Edit", "Pin", "Delete", "Resize", "Attach")
    }
    for label, tip in tips.items():
        if label in refused:
            assert tip == f"You need {refused[label]} permission. Ask ann." and button(row, label).disabled
        elif level in ("CAN_MANAGE", ""):
            assert "permission" not in tip
    assert not button(row, "Attach").disabled and "permission" not in tips["Attach"]
