"""A job's labels: what Google takes as one, and what an empty registry reads back from them."""

from __future__ import annotations

import dataclasses
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_nas.targets.job import JobName
from cloud_nas.targets.vertex.naming import decoded, encoded, labels, told
from local_engine.space.flat import Space

from .made import job_with

_JOB = job_with(Space(), place={"labels": {"team": "vision", "cost-centre": "4711"}})
_TAGS = {
    "name": "Digits_1",
    "spec": "5" * 64,
    "identity": ".".join(["1" * 64, "2" * 64, "3" * 64]),
    "objective": "maximize.val/f1",
}


def test_the_user_s_labels_and_ours_are_sent_and_ours_read_back() -> None:
    job = dataclasses.replace(_JOB, tags=_TAGS)
    sent = labels(job, "vertex:tuning")
    assert (sent["team"], sent["cost-centre"], sent["cloud-nas-nonce"]) == ("vision", "4711", "0123456789abcdef")
    assert sent["cloud-nas-target"] == "vertex-tuning"
    assert told(sent) == {
        "run": "r-7k2xq",
        "attempt": "1",
        "nonce": "0123456789abcdef",
        "owner": "ada",
        "target": "vertex:tuning",
        **_TAGS,
    }


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=63), st.text(max_size=200))
def test_any_text_fits_and_comes_back(owner: str, name: str, objective: str) -> None:
    job = dataclasses.replace(
        _JOB, name=JobName("r-7k2xq", 7, "nonce", owner), tags={**_TAGS, "name": name, "objective": objective[:40]}
    )
    sent = labels(job, "vertex:engine")
    assert len(sent) <= 64
    for key, value in sent.items():
        assert re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key) and re.fullmatch(r"[a-z0-9_-]{0,63}", value)
    found = told(sent)
    assert (found["owner"], found["name"], found["objective"]) == (owner, name, objective[:40])


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_labels_of_others_end_nothing(text: str) -> None:
    assert isinstance(decoded(text), str)
    assert decoded(encoded(text)) == text
