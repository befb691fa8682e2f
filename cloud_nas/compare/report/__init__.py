"""The page about runs: what it shows as frozen values, and one HTML file made of them. It reads no run and writes no file."""

from cloud_nas.compare.report.contents import Hyperparameter, Importance, ReportRun, ReportTrial
from cloud_nas.compare.report.importance import importance
from cloud_nas.compare.report.page import page

__all__ = ["Hyperparameter", "Importance", "ReportRun", "ReportTrial", "importance", "page"]
