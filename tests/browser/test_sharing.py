"""Two users of one server, each in a browser of their own: clusters that are shared, and access tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied
from lab import SIMULATED, Lab
from live import Server, Workspace
from playwright.sync_api import Browser, Locator, Page, expect
from side import Side

pytestmark = pytest.mark.browser

#: The users, as a hub reports them.
PEOPLE = {"ann": {"groups": ["data"]}, "bob": {"groups": []}, "eve": {"groups": ["data"]}}


class UserLab(Lab):
    """JupyterLab in the browser of one user."""

    def __init__(self, server: Server, browser: Browser, user: str) -> None:
        super().__init__(server, browser)
        self._user, self.start = user, f"lab/workspaces/{user}?reset"

    def new_page(self) -> Page:
        """Return a page of a context of its own, with the user's cookie."""
        page = self._browser.new_page(viewport={"width": 1400, "height": 1000})
        page.context.add_cookies([{"name": "user", "value": self._user, "url": self.server.url}])
        return page


def meet_everybody(server: Server) -> None:
    """Let the server see what the hub reports of each user."""
    for user in PEOPLE:
        assert server.call("GET", "api/dbx/workspace", token=user)["user_name"] == user


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a team, which has seen all of its users."""
    folder = tmp_path_factory.mktemp("team-lab")
    (folder / "data").mkdir()
    (folder / "data" / "people.json").write_text(json.dumps(PEOPLE))
    program = (str(Path(__file__).with_name("team_lab.py")),)
    options = (*Lab.options(folder), *SIMULATED)
    server = Server(Workspace(folder, folder / "cache"), program=program, options=options)
    try:
        meet_everybody(server)
        yield server
    finally:
        server.stop()


@pytest.fixture
def open_as(server: Server, browser: Browser) -> Iterator[Callable[[str], Side]]:
    """Opens JupyterLab for a user, with the side panel and a notebook; checks afterwards that no console has an error."""
    opened: list[tuple[UserLab, Side]] = []

    def open_one(user: str) -> Side:
        lab = UserLab(server, browser, user)
        opened.append((lab, Side(lab.open(f"{user}.ipynb"))))
        return opened[-1][1]

    yield open_one
    for lab, side in opened:
        side.close()
        side.lab_page.close()
        lab.leave()
    Lab(server, browser).delete_clusters()
    assert [error for _, side in opened for error in side.lab_page.errors] == []


def dialog_of(side: Side) -> Locator:
    return side.page.get_by_role("dialog")


def button(within: Locator, label: str) -> Locator:
    return within.locator("jp-button", has_text=label)


def icon_button(within: Locator, label: str) -> Locator:
    return within.locator(f'jp-button[aria-label="{label}"]')


def open_share(side: Side, name: str) -> Locator:
    """Open the dialog from the cluster's page, and return it."""
    side.row(name).dblclick()
    button(side.page.locator(".jp-Dbx-pageHead:visible"), "Share…").click()
    expect(dialog_of(side).locator(".jp-Dbx-grant").first).to_be_visible()
    expect(button(dialog_of(side), "Save")).to_be_in_viewport()
    return dialog_of(side)


def add(dialog: Locator, name: str) -> None:
    dialog.get_by_role("textbox", name="Add people or groups").fill(name)
    dialog.page.keyboard.press("Enter")


def test_cluster_is_shared_used_and_taken_back(server: Server, open_as: Callable[[str], Side]) -> None:
    spec = {"cluster_name": "etl", "num_workers": 1, "node_type_id": "memory-1c"}
    made = server.call("POST", "api/2.0/clusters/create", spec, token="ann")["cluster_id"]
    server.wait(made, "RUNNING")
    ann, bob = open_as("ann"), open_as("bob")
    expect(ann.row("etl")).to_be_visible()
    expect(ann.panel.get_by_role("group", name="Owner")).to_have_count(0)
    expect(bob.panel.get_by_text("No clusters yet")).to_be_visible()

    # Ann shares.
    dialog = open_share(ann, "etl")
    expect(dialog.locator(".jp-Dbx-grant")).to_have_text([re.compile("ann.*Owner"), re.compile("admins.*Inherited")])
    expect(dialog).to_contain_text("share one Java process")
    add(dialog, "bo")
    expect(dialog.locator(".jp-Dbx-grant").nth(1)).to_contain_text("Bob")
    button(dialog, "Save").click()
    expect(dialog).to_have_count(0)

    # Bob sees it, may attach, and may not terminate.
    row = bob.row("etl")
    expect(row).to_contain_text("ann")
    terminate = icon_button(row, "Terminate")
    reason = "You need Can Restart permission. Ask ann."
    expect(terminate).to_have_attribute("disabled", "")
    expect(terminate).to_have_attribute("title", reason)
    for step in ("Remove a worker", "Add a worker"):
        stepper = row.get_by_role("button", name=step)
        expect(stepper).to_have_attribute("aria-disabled", "true")
        expect(stepper).to_have_attribute("title", "You need Can Manage permission. Ask ann.")
    row.click(button="right")
    item = bob.page.get_by_role("menuitem", name="Terminate (needs Can Restart; ask ann)")
    expect(item).to_have_class(re.compile("lm-mod-disabled"))
    bob.choose("Attach Current Notebook")
    expect(bob.picker).to_contain_text("etl")
    row.dblclick()
    head = bob.page.locator(".jp-Dbx-pageHead:visible")
    expect(head).to_contain_text("Owner: ann")
    expect(button(head, "Terminate")).to_have_attribute("title", reason)
    expect(button(head, "Share…")).to_have_attribute("title", "You need Can Manage permission. Ask ann.")
    bob.page.get_by_role("tab", name="Logs").click()
    expect(bob.page.locator(".jp-Dbx-page:visible")).to_contain_text("You need Can Manage permission. Ask ann.")

    # Bob looks at his own only.
    owners = bob.panel.get_by_role("group", name="Owner")
    owners.get_by_text("Mine").click()
    expect(bob.panel).to_contain_text("You own no cluster.")
    owners.get_by_text("All").click()
    expect(row).to_be_visible()

    # Ann takes it back.
    dialog = open_share(ann, "etl")
    icon_button(dialog, "Remove bob").click()
    button(dialog, "Save").click()
    expect(dialog).to_have_count(0)
    expect(row).to_have_count(0)
    expect(bob.panel.get_by_text("No clusters yet")).to_be_visible()
    gone = bob.page.get_by_role("status").filter(has=bob.page.get_by_role("heading", name="Cluster etl"))
    expect(gone).to_contain_text("Cluster etl was deleted, or is no longer shared with you.")
    expect(gone).to_contain_text("ann")
    expect(bob.page.locator(".jp-Dbx-picker button").first).to_have_attribute(
        "aria-label", "Spark cluster: Cluster unavailable"
    )
    expect(ann.row("etl")).to_be_visible()


def test_group_is_confirmed_and_errors_are_shown_at_their_place(server: Server, open_as: Callable[[str], Side]) -> None:
    spec = {"cluster_name": "etl", "num_workers": 1, "node_type_id": "memory-1c"}
    made = server.call("POST", "api/2.0/clusters/create", spec, token="ann")["cluster_id"]
    ann = open_as("ann")
    grants = f"api/2.0/permissions/clusters/{made}"

    dialog = open_share(ann, "etl")
    add(dialog, "data")
    ann.select(dialog, "Permission of data", "Can Restart")
    button(dialog, "Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Everyone in data")
    assert len(server.call("GET", grants, token="ann")["access_control_list"]) == 2
    button(dialog, "Share with everyone in the group").click()
    expect(dialog).to_have_count(0)
    levels = {e["display_name"]: e["all_permissions"] for e in server.call("GET", grants)["access_control_list"]}
    assert levels["data"][0]["permission_level"] == "CAN_RESTART"

    # The group disappears while the dialog is open.
    dialog = open_share(ann, "etl")
    people = server.workspace.data / "people.json"
    people.write_text(json.dumps({name: {"groups": []} for name in PEOPLE}))
    meet_everybody(server)
    ann.select(dialog, "Permission of data", "Can Manage")
    button(dialog, "Save").click()
    expect(dialog.locator(".jp-Dbx-grant", has_text="data").get_by_role("alert")).to_contain_text("does not exist")
    assert ann.serious_findings(".jp-Dialog-content") == []
    ann.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    people.write_text(json.dumps(PEOPLE))
    ann.lab_page.errors = [error for error in ann.lab_page.errors if "404" not in error]


def test_token_of_the_page_works_until_it_is_revoked(server: Server, open_as: Callable[[str], Side]) -> None:
    bob = open_as("bob")
    bob.page.get_by_role("menuitem", name="Settings", exact=True).click()
    bob.choose("Access Tokens")
    page = bob.page.locator(".jp-Dbx-tokens")
    expect(page).to_contain_text("No tokens yet")

    page.get_by_role("textbox", name="Comment").fill("ci")
    page.locator("jp-number-field input").fill("30")
    button(page, "Generate new token").click()
    value = page.get_by_role("status").locator("code").first.inner_text()
    button(page, "Copy").click()
    expect(button(page, "Copied")).to_be_visible()
    button(page, "Done").click()
    expect(page).not_to_contain_text(value)
    row = page.get_by_role("row").filter(has_text="ci")
    expect(row.get_by_role("cell")).to_contain_text(["ci", re.compile(r"\d"), re.compile(r"\d"), "Never", ""])
    assert bob.serious_findings(".jp-Dbx-tokens") == []

    client = WorkspaceClient(host=server.url, token=value)
    assert client.current_user.me().user_name == "bob"
    icon_button(row, "Revoke ci").click()
    dialog_of(bob).get_by_role("button", name="Revoke").click()
    expect(page).to_contain_text("No tokens yet")
    with pytest.raises(PermissionDenied):
        client.current_user.me()
