"""The benchmark suite: `make bench`, or `python -m benchmarks --help`.

A *workload* (a file of `workloads/`) says what is measured. *Contestants* (the files of `contestants/`, `loaders/` and
`searches/`) are the ways to do it. They take turns in *rounds*; a *comparison* holds the ratios within each round to
one of them, the baseline; a *result* is a workload's comparisons, with what they were measured on. The page
`docs/performance.md` is written from the results.
"""
