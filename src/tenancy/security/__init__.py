"""What protects a table, as values: derived from the models, read from the catalog, compared, and turned into SQL."""
