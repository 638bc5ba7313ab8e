"""Nearest vectors of one tenant: `session.nearest(select(Chunk), Chunk.embedding.cosine_distance(vector), limit=10)`.

One HNSW index holds the vectors of all tenants, and leaves others' rows out only after its search: of a small tenant's
rows it finds few, or none. Left alone, PostgreSQL uses it for small tenants all the same. So a search is made

- **exactly**, by comparing all of the tenant's rows, while they are few, or a small part of the index;
- **by an index**, with pgvector's iterative scan, where enough of what the index finds is the tenant's: a large part of
  a shared index, or an index of the tenant's own. Where it finds too few all the same, the exact search follows.

`statistics` asks PostgreSQL how it would search by itself, and how many rows there are, and remembers it for a while.
`search` decides by that, and searches.
"""
