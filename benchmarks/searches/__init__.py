"""The ways to find the nearest vectors of a tenant: a file each, and no list to edit."""
