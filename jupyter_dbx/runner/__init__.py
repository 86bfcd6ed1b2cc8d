"""RUNS NOTEBOOKS: reads cells from a notebook file, and runs them in a new kernel with nbclient.

`%run` only reads cells; `dbutils.notebook.run` and the demo also run them. May import `model`; third-party packages: nbclient and
nbformat.
"""
