"""What is known of every run: the registry, who writes a run now, and what makes two runs the same one.

Light on purpose (the standard library alone), so that `status` answers at once. It knows no target and no model.
"""

from cloud_nas.runs.identity import Identity
from cloud_nas.runs.observer import RowObserver
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.runs.writer import Holder, holder, writing

__all__ = ["Holder", "Identity", "Registry", "RowObserver", "RunRow", "holder", "writing"]
