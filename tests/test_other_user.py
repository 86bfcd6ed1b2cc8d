"""What tests with several OS users rely on."""

from __future__ import annotations

import os
from pathlib import Path

from other_user import other_users, processes_of

WHO = "import getpass, os, jupyter_dbx; print(os.getuid(), os.getgroups(), getpass.getuser(), os.path.expanduser('~'))"


def test_another_user_runs_python_with_its_packages() -> None:
    with other_users("ann", "bob") as namespace:
        ann, bob = namespace.users

        for user in (ann, bob):
            assert namespace.run(user, WHO).split() == [str(user.uid), "[]", user.name, str(user.home)]

        assert ann.uid != bob.uid


def test_another_user_has_no_right_to_what_is_closed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of root")
    secret.chmod(0o600)
    tmp_path.chmod(0o755)
    code = "import os, sys; print(*(os.access(path, os.R_OK) for path in sys.argv[1:]))"

    with other_users("ann", "bob", visible=[tmp_path]) as namespace:
        ann, bob = namespace.users
        (bob.home / "notes").touch(mode=0o600)
        ours = bob.own(bob.home / "notes")

        seen_by_ann = namespace.run(ann, code, str(tmp_path), str(secret), str(ours)).split()
        seen_by_bob = namespace.run(bob, code, str(tmp_path), str(secret), str(ours)).split()

    assert seen_by_ann == ["True", "False", "False"]
    assert seen_by_bob == ["True", "False", "True"]


def test_the_machine_stays_as_it_is() -> None:
    before = (Path("/etc/passwd").read_text(), os.listdir("/"), Path("/proc/mounts").read_text())

    with other_users("ann") as namespace:
        (ann,) = namespace.users
        namespace.run(ann, "pass")

        assert processes_of(ann) == []

    assert (Path("/etc/passwd").read_text(), os.listdir("/"), Path("/proc/mounts").read_text()) == before
    assert not ann.home.exists()
