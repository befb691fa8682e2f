"""Benchmarks: each is a module with `main()`, prints what it measured and what it compared with."""
