"""Sessions whose every transaction carries a tenant."""
