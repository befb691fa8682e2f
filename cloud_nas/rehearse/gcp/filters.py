"""The filters that Vertex AI's lists take, as their protos document them: comparisons, joined by AND, OR and NOT."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cloud_nas.rehearse.gcp.answers import Refused

_TOKEN = re.compile(
    r'\s*(?:(?P<paren>[()])|(?P<word>AND|OR|NOT)\b|(?P<term>[\w.\-]+\s*(?:!=|<=|>=|=|<|>|:)\s*(?:"[^"]*"|[^\s()]+)))'
)
_TERM = re.compile(r'(?P<key>[\w.\-]+)\s*(?P<how>!=|<=|>=|=|<|>|:)\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>.+))', re.DOTALL)
_NAMES = {"display_name": "displayName", "create_time": "createTime", "update_time": "updateTime", "model": "model"}
_ORDERED = ("create_time", "update_time")
_JOBS = ("display_name", "state", "create_time")
KEYS: Mapping[str, Sequence[str]] = {
    "customJobs": _JOBS,
    "hyperparameterTuningJobs": _JOBS,
    "batchPredictionJobs": _JOBS,
    "trainingPipelines": _JOBS,
    "datasets": ("display_name",),
    "models": ("display_name", "model"),
}
"""What can be asked of each collection beside labels, as far as anybody does."""


def fits(expression: str, resource: Mapping[str, Any], collection: str) -> bool:
    """Whether a resource of a collection is one that the filter lets through.

    Raises:
        Refused: it is no filter, or one that the collection does not take.
    """
    tokens = _tokens(expression)
    for kind, text in tokens:
        key = re.split(r"[\s!<>=:]", text, maxsplit=1)[0]
        if kind == "term" and not key.startswith("labels.") and key not in KEYS[collection]:
            raise Refused(400, f"Invalid filter: {collection} have no {key}")
    if not tokens:
        return True
    found, rest = _either(tokens, resource)
    if rest:
        raise Refused(400, f"Invalid filter: {expression}")
    return found


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while expression[at:].strip():
        token = _TOKEN.match(expression, at)
        if token is None or token.lastgroup is None:
            raise Refused(400, f"Invalid filter: {expression}")
        found.append((token.lastgroup, token[token.lastgroup]))
        at = token.end()
    return found


def _either(tokens: list[tuple[str, str]], resource: Mapping[str, Any]) -> tuple[bool, list[tuple[str, str]]]:
    found, rest = _both(tokens, resource)
    while rest and rest[0] == ("word", "OR"):
        other, rest = _both(rest[1:], resource)
        found = found or other
    return found, rest


def _both(tokens: list[tuple[str, str]], resource: Mapping[str, Any]) -> tuple[bool, list[tuple[str, str]]]:
    found, rest = _one(tokens, resource)
    while rest and (rest[0] == ("word", "AND") or rest[0][0] == "term"):
        other, rest = _one(rest[1:] if rest[0][0] == "word" else rest, resource)
        found = found and other
    return found, rest


def _one(tokens: list[tuple[str, str]], resource: Mapping[str, Any]) -> tuple[bool, list[tuple[str, str]]]:
    if not tokens:
        raise Refused(400, "Invalid filter: it ends too soon")
    kind, text = tokens[0]
    if (kind, text) == ("word", "NOT"):
        found, rest = _one(tokens[1:], resource)
        return not found, rest
    if (kind, text) == ("paren", "("):
        found, rest = _either(tokens[1:], resource)
        if not rest or rest[0] != ("paren", ")"):
            raise Refused(400, "Invalid filter: a parenthesis is not closed")
        return found, rest[1:]
    if kind != "term":
        raise Refused(400, f"Invalid filter near {text}")
    return _holds(text, resource), tokens[1:]


def _holds(text: str, resource: Mapping[str, Any]) -> bool:
    term = _TERM.fullmatch(text)
    assert term is not None
    key, how = term["key"], term["how"]
    value = term["quoted"] if term["quoted"] is not None else term["plain"]
    if key.startswith("labels."):
        here = resource.get("labels", {}).get(key.removeprefix("labels."))
        return here is not None if (how, value) == (":", "*") else (here == value) is (how != "!=")
    if key not in (*_NAMES, "state"):
        raise Refused(400, f"Invalid filter: there is no {key}")
    here = str(resource.get(_NAMES.get(key, key), ""))
    if key in _ORDERED:
        early, late = (datetime.fromisoformat(one.replace("Z", "+00:00")) for one in (here, value))
        return {
            ">": early > late, ">=": early >= late, "<": early < late,
            "<=": early <= late, "=": early == late, "!=": early != late,
        }[how]  # fmt: skip
    if how == ":":
        return re.fullmatch(re.escape(value).replace(r"\*", ".*"), here) is not None
    return (here == value) is (how == "=")
