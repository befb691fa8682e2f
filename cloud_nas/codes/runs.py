"""CN6: runs, their files, and this machine."""

from __future__ import annotations

from cloud_nas.codes.code import Code

RUNS = (
    Code(
        "CN601",
        "no such run, model or file",
        "Nothing of that name is known here. `cloud-nas status` lists the runs of this machine; their files are under "
        "$CLOUD_NAS_HOME.",
        "cloud-nas show r-7k2xp",
        "cloud-nas show r-7k2xq",
    ),
    Code(
        "CN602",
        "it failed",
        "What was asked about ended in a failure. The message has the reason; `cloud-nas trials RUN` has each trial's.",
    ),
    Code(
        "CN603",
        "refused before anything was spent",
        "Going on could cost or overwrite something: another process writes to this run, or a model brings code that "
        "this machine has not seen.",
        "cloud-nas predict downloaded/ rows.csv",
        "cloud-nas predict downloaded/ rows.csv --trust",
    ),
    Code(
        "CN604",
        "cancelled",
        "The run was cancelled, by Ctrl-C or `cloud-nas cancel`. `cloud-nas run` with the same spec goes on.",
    ),
    Code(
        "CN605",
        "a cap ended it too soon",
        "A cap in time, trials or epochs was reached before any trial had a result.",
        "budget: {time: 5s}",
        "budget: {time: 30m}",
    ),
    Code(
        "CN606",
        "an optional part is not installed",
        "cloud-nas is installed in parts, so that a machine that only submits stays light. The hint is the line that "
        "installs what is missing.",
        "pip install cloud-nas",
        'pip install "cloud-nas[local]"',
    ),
    Code(
        "CN607",
        "a study's storage cannot be opened",
        "The study's database is missing, damaged, or of a newer version than this one.",
    ),
    Code(
        "CN608",
        "no room on the disk",
        "The disk is full, or the folder for runs cannot be written to. What was found so far is whole: with room made, by "
        "`cloud-nas clean` or otherwise, `cloud-nas run` with the same spec goes on.",
    ),
)
