"""Many rows at once: `session.bulk_load(Model, rows)` and, as an audited loader for one tenant, `db.bulk_load(...)`.

PostgreSQL refuses COPY FROM to whoever row-level security holds, and a staging table that tenants share would be a leak
of its own. So there are two ways, and both stamp the tenant's column with the principal's id:

- **As the application role:** `INSERT … SELECT unnest($1), $2, …`, one binary array per column and a few hundred rows
  per statement, sent without waiting for the answers (asyncpg's `executemany`). The policies check every row.
- **As the system role:** COPY in binary. No policy is asked, so the stamp is the wall: a table is refused unless its
  scope is decided by columns that the loader fills itself. Keys with the tenant in them are checked in COPY as well.

`sources` makes batches of columns of whatever the rows come in. `plan` fills and encodes them as SQLAlchemy's insert
would. `writing` sends them. `load` cuts them into chunks, each after a savepoint. `failure` finds the row that
PostgreSQL refused, by inserting the rows of the chunk again, in halves.
"""
