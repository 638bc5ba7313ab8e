"""One attack per file; see `tenancy.prove.attack`."""
