"""ONE NOTEBOOK'S WAY TO SPARK: from its attachment to a seat on a driver, and back.

Knows the server (through `client`), the driver (over one websocket), and which statements of a cell need Spark. What it does to
PySpark is in `kernel.pyspark`. May import `client`, `model` and, of the kernel, `pyspark`, `workspace` and its loose files.
"""
