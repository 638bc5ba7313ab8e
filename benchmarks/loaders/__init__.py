"""The ways to load many rows: a file each, and no list to edit."""
