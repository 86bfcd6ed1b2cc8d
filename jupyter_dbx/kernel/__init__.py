"""INSIDE THE NOTEBOOK PROCESS: the kernel that takes a seat on its cluster's driver when a cell first needs Spark.

It talks HTTP to the Jupyter server (which cluster am I on?), one websocket to the driver daemon (the seat), and Py4J to the
driver's JVM. Binding is part of the cell that needs it, so waiting, interrupt and failure are that cell's own. PySpark is
imported in the background, and patched as it is imported (`hooks.py`), so that no way of getting a session starts a JVM of its
own. What the notebook's page wants of the kernel comes over a comm (`wishes.py`); what it shows of Spark's jobs is an output
like any other (`progress.py`). Errors of Spark are shown with the user's lines and advice (`tracebacks.py`). Every message that
it sends passes `redaction.py`, which knows what secrets were read. Libraries for Databricks' notebooks find this one by modules
that are in this process only (`dbruntime.py`), and the server by the variables that their clients read (`contact.py`). May import
`model`; of others ipykernel, pyspark, ipywidgets, tornado, wrapt and, for notebooks that run notebooks, nbclient.
"""
