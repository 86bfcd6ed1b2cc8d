"""`jupyter dbx clusters VERB`: a client of the REST API like any other, a file for each group of verbs.

`listing` only looks; `creating` and `acting` change something and wait for it (`waiting`); `events` and `logs` tell what
happened and can follow it. A verb's options are in `options` and `spec`, what people read is in `words`. Scripts read
`-o json`, which is what the API answered, and the exit code (`cli/exits.py`); progress and remarks go to stderr.
"""
