"""The ways to run one unit of work: a file each, and no list to edit."""
