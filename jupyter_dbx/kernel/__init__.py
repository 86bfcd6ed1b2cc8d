"""INSIDE THE NOTEBOOK PROCESS: the kernel that takes a seat on its cluster's driver when a cell first needs Spark.

It uses HTTP for the Jupyter server (which cluster is this notebook attached to?), one websocket for the driver daemon (the seat),
and Py4J for the driver's JVM. The cell that needs Spark binds, so waiting, interrupts and failures belong to that cell.

======================  ==========================================================================================
`session`               from the notebook's attachment to `spark`, and back
`pyspark`               everything that touches PySpark's internals: patches, the gateway, adoption, paths, errors
`languages`             SQL, Scala and shell in cells
`workspace`             folders under Databricks' names, mounts, notebook-scoped packages
`display`               `display()`: tables, charts, profiles, streams
`dbutils`               `dbutils`, one file per utility
`widgets`               clusters and arguments as ipywidgets
`magics`                `%sql`, `%cluster` and the others
======================  ==========================================================================================

The other files belong to the kernel as a whole: `app` wires it; `page` handles requests of the notebook's page; `outputs` keeps
what a page may have missed; `progress` shows Spark jobs below a cell; `redaction` filters every message for secrets that were
read; `arguments` holds the notebook's parameters; `dbruntime` lets libraries for Databricks notebooks find this one. May import
`client`, `runner` and `model`; `tests/test_architecture.py` lists what each part may import.
"""
