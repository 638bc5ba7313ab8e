"""One mutation per file; see `tenancy.prove.mutation`."""
