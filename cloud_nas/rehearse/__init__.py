"""Stand-ins for the clouds, which really run the job; the tests' doubles too."""
