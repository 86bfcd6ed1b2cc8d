"""`dbutils` as Databricks' notebooks have it: a group of commands a file, each a `Utility`, whose docstrings are its help."""
