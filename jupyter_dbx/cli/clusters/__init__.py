"""`jupyter dbx clusters VERB`: an ordinary client of the REST API, one file per group of verbs.

`listing` only reads; `creating` and `acting` change clusters and wait for them (`waiting`); `events` and `logs` show what
happened and can follow it. Options of the verbs are in `options` and `spec`, texts in `words`. Scripts read `-o json`, which is
the API's answer, and the exit code (`cli/exits.py`); progress and remarks go to stderr.
"""
