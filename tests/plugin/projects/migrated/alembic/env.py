from tenancy.migrations import run

run()
