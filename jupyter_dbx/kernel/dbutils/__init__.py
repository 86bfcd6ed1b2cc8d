"""`dbutils`, as in Databricks notebooks: one file per utility; the docstrings of its commands are its help."""
