"""What is measured on: models, and the SQL that fills them inside PostgreSQL."""
