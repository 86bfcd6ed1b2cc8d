"""THE NOTEBOOK'S ENVIRONMENT: folders under Databricks' names, mounts, and notebook-scoped packages."""
