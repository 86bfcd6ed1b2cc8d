"""The REST client, which kernels and the command line share.

`transport.py` sends requests and reads errors, `client.py` has a method for each request, which returns a class of
`model/answers`, and `finding.py` finds the server. Programs read an error's `reason` and `field`, never its message.
`spec_changes.py` builds specs from options, `draft.py` is a cluster in a form; `dialect.py` parses and formats numbers, sizes and
durations everywhere, `words.py` and `event_words.py` contain whole texts. May import `model` only.
"""
