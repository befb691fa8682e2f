"""Suites that hold extensions to the engine's contracts; ours pass the same."""
