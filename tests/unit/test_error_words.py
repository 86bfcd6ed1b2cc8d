"""Messages of errors are sentences, also if their cause has no words."""

from __future__ import annotations

import pytest

from jupyter_dbx.model.errors import DbxError, InvalidParameterValue, NodeFailure


@pytest.mark.parametrize("kind", [DbxError, InvalidParameterValue, NodeFailure])
def test_error_whose_cause_has_no_words_does_not_end_after_a_colon(kind: type[DbxError]) -> None:
    assert kind(f"The driver is not responding: {TimeoutError()}").message == "The driver is not responding."
    assert kind("The driver is not responding: refused").message == "The driver is not responding: refused"
