"""What is measured: a file each, and no list to edit."""
