"""What Vertex AI allows a search, as data. From its protos and its pages of 2026; of trials, parallel trials and parameters no
page names a number, so that none is here.
"""

from __future__ import annotations

VALUES = 1000
"""Values of a discrete parameter (DiscreteValueSpec)."""

APART = 1e-10
"""The least distance between two of them."""

WHOLE = 2**63 - 1
"""The greatest bound of an integer parameter (int64)."""

EXACT = 2**53
"""Whole numbers to here are doubles without loss."""

SECONDS = 7 * 24 * 3600
"""`scheduling.timeout` at most: what the service takes where none is sent."""

FAILURES = 5
"""So many trials may fail unless the spec says: none sent, and the first failure ends a search."""

PER_PARAMETER = 10
"""Trials for each parameter that Google advises."""
