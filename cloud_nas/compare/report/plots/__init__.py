"""The plots, as SVG to stand inside a page: text that is escaped already. Colours and sizes of text are the page's style sheet's.

Every drawing is one image to a screen reader, with a title and a sentence; what it shows stands in the table of trials too.
Whatever belongs to a trial, or to a model of a comparison, carries its number as `data-t`, so that a script can find it.
"""

from cloud_nas.compare.report.plots.bars import bars
from cloud_nas.compare.report.plots.confusion import confusion
from cloud_nas.compare.report.plots.curves import curves, one_trial
from cloud_nas.compare.report.plots.history import history
from cloud_nas.compare.report.plots.parallel import parallel
from cloud_nas.compare.report.plots.ranking import ranking
from cloud_nas.compare.report.plots.square import cloud, scatter, shares

__all__ = ["bars", "cloud", "confusion", "curves", "history", "one_trial", "parallel", "ranking", "scatter", "shares"]
