"""Where the spec has Vertex AI, and the losses that every training job of ours has there."""

from __future__ import annotations

PLACE = "targets.vertex"
"""The section of the place."""
