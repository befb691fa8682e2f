"""A study's truth: its settings, its space and its trials, kept in an Optuna storage so that Optuna's tools can read them.

Optuna's own fields (params, value, state, intermediate values) hold what its dashboard shows; the exact record of a trial is one
attribute beside them. Nothing else is kept anywhere, so what opens a study sees all that the process before it knew.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_engine.definition import Prior
from local_engine.errors import StorageError
from local_engine.strategies.base import active_keys
from local_engine.strategies.distributions import holds, recorded
from local_engine.study import upgrades
from local_engine.study.database import Database
from local_engine.study.records import StudySettings, TrialRecord

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial, TrialState

    from local_engine.space.flat import Space

_SETTINGS = "local_engine:study"
_SPACE = "local_engine:space"
_RECORD = "local_engine:record"


class StudyStorage:
    """One study in one database. Every method is a transaction, or part of one that `transaction` began."""

    def __init__(self, database: Database, name: str, study_id: int, schema: int) -> None:
        """Used by `create` and `open`."""
        self.name = name
        self._schema = schema
        self._database = database
        self._study_id = study_id
        self._space: tuple[Any, Space] | None = None
        self._finished: dict[int, TrialRecord] = {}
        self._ids: dict[int, int] = {}

    @classmethod
    def create(cls, location: str | Path | None, name: str, settings: StudySettings, space: Space) -> StudyStorage:
        """Makes a new study.

        Raises:
            StorageError: the database cannot be opened, or has a study of that name.
        """
        from optuna.exceptions import DuplicatedStudyError
        from optuna.study import StudyDirection

        direction = StudyDirection.MAXIMIZE if settings.goal == "maximize" else StudyDirection.MINIMIZE
        database = Database(location)
        try:
            with database.transaction():
                study_id = database.storage.create_new_study([direction], name)
                storage = cls(database, name, study_id, upgrades.SCHEMA)
                storage.write_settings(settings)
                storage.write_space(space)
        except DuplicatedStudyError as error:
            database.close()
            hint = "Study.open(storage, name) goes on with it"
            raise StorageError(f"there is a study {name!r} already", hint=hint, where=str(location)) from error
        return storage

    @classmethod
    def open(cls, location: str | Path, name: str) -> tuple[StudyStorage, StudySettings]:
        """Opens an existing study.

        Raises:
            StorageError: the database cannot be opened, has no such study, or one that a newer version wrote.
        """
        database = Database(location, must_exist=True)
        try:
            study_id = database.storage.get_study_id_from_name(name)
            attributes = database.storage.get_study_system_attrs(study_id)
            settings = _settings(attributes, str(location))
            return cls(database, name, study_id, attributes[_SETTINGS]["schema"]), settings
        except KeyError as error:
            database.close()
            raise StorageError(f"there is no study {name!r}", where=str(location)) from error
        except StorageError:
            database.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are one."""
        schema = self._schema
        try:
            with self._database.transaction():
                yield
        except BaseException:
            self._schema = schema
            raise

    def close(self) -> None:
        """Closes the database."""
        self._database.close()

    def write_settings(self, settings: StudySettings) -> None:
        """Keeps the settings."""
        self._bring_up()
        self._write_settings(dataclasses.asdict(settings))

    def write_space(self, space: Space) -> None:
        """Keeps the space."""
        self._bring_up()
        self._database.storage.set_study_system_attr(self._study_id, _SPACE, space.to_json())

    def read(self) -> tuple[StudySettings, Space, list[TrialRecord]]:
        """All there is: settings, space, trials by number."""
        from local_engine.space.flat import Space

        with self.transaction():
            attributes = self._database.storage.get_study_system_attrs(self._study_id)
            trials = self._database.storage.get_all_trials(self._study_id, deepcopy=False)
        if self._space is None or self._space[0] != attributes[_SPACE]:
            self._space = (attributes[_SPACE], Space.from_json(attributes[_SPACE]))
        return _settings(attributes, self.name), self._space[1], [self._record(trial) for trial in trials]

    def add(self, record: TrialRecord, space: Space) -> None:
        """Keeps a new trial. Its number is that of its place among the study's trials."""
        self._bring_up()
        from optuna.trial import FrozenTrial, TrialState

        params, distributions = {}, {}
        for key, (value, distribution) in _shown(record, space).items():
            params[key], distributions[key] = value, distribution
        template = FrozenTrial(
            number=record.number,
            trial_id=-1,
            state=TrialState.RUNNING,
            value=None,
            datetime_start=_now(),
            datetime_complete=None,
            params=params,
            distributions=distributions,
            user_attrs={},
            system_attrs={_RECORD: record.to_json()},
            intermediate_values={},
        )
        try:
            trial_id = self._database.storage.create_new_trial(self._study_id, template)
        except ValueError:
            # Another distribution stands under this key already. What Optuna shows is less then; the record is whole.
            template.params, template.distributions = {}, {}
            trial_id = self._database.storage.create_new_trial(self._study_id, template)
        self._ids[record.number] = trial_id

    def update(self, record: TrialRecord, space: Space) -> None:
        """Keeps what changed of a trial that is not over, and its end where `record.state` says that it is."""
        self._bring_up()
        storage, trial_id = self._database.storage, self._id(record.number)
        known = storage.get_trial(trial_id).params
        for key, (value, distribution) in _shown(record, space).items():
            if key not in known:
                with contextlib.suppress(ValueError):  # as in `add`
                    storage.set_trial_param(trial_id, key, distribution.to_internal_repr(value), distribution)
        storage.set_trial_system_attr(trial_id, _RECORD, record.to_json())
        if record.reason is not None:
            storage.set_trial_user_attr(trial_id, "reason", record.reason)
        if record.state != "running":
            values = None if record.value is None else [record.value]
            storage.set_trial_state_values(trial_id, _optuna_state(record), values)

    def report(self, number: int, points: Mapping[int, float]) -> None:
        """Keeps points of a trial's learning curve."""
        with self.transaction():
            self._bring_up()
            for step, value in points.items():
                self._database.storage.set_trial_intermediate_value(self._id(number), step, value)

    def _bring_up(self) -> None:
        """Before the first write to an older study: keeps a copy of its file, and makes its settings those of this version."""
        if self._schema >= upgrades.SCHEMA:
            return
        with self.transaction():
            stored = dict(self._database.storage.get_study_system_attrs(self._study_id)[_SETTINGS])
            schema = stored.pop("schema")
            if schema < upgrades.SCHEMA:  # else another process was quicker
                self._database.keep_copy(schema)
                self._write_settings(upgrades.upgraded(stored, schema))
        self._schema = upgrades.SCHEMA

    def _write_settings(self, settings: Mapping[str, Any]) -> None:
        value = {"schema": upgrades.SCHEMA, **settings}
        self._database.storage.set_study_system_attr(self._study_id, _SETTINGS, value)

    def _id(self, number: int) -> int:
        if number not in self._ids:
            found = self._database.storage.get_trial_id_from_study_id_trial_number(self._study_id, number)
            self._ids[number] = found
        return self._ids[number]

    def _record(self, trial: FrozenTrial) -> TrialRecord:
        record = self._finished.get(trial.number)
        if record is None:
            record = TrialRecord.from_json(trial.system_attrs[_RECORD])
            if record.state != "running":
                self._finished[trial.number] = record
        return record


def _settings(attributes: Mapping[str, Any], where: str) -> StudySettings:
    """The study's settings.

    Raises:
        StorageError: a newer version wrote them, or they are not a study of ours.
    """
    value = dict(attributes.get(_SETTINGS, {}))
    schema = value.pop("schema", None)
    if schema is None:
        raise StorageError("this study was not made by this engine", hint="give the study another name", where=where)
    if schema > upgrades.SCHEMA:
        message = f"this study has schema {schema}; this version reads up to {upgrades.SCHEMA}"
        raise StorageError(message, hint="use the version of cloud-nas that wrote it, or a newer one", where=where)
    value = dict(upgrades.upgraded(value, schema))
    return StudySettings(**value | {"prior": tuple(Prior(**one) for one in value["prior"])})


def _shown(record: TrialRecord, space: Space) -> dict[str, tuple[Any, Any]]:
    """What Optuna's own fields hold of a trial's params: unique key -> (value, distribution)."""
    shown = {}
    for key, parameter in active_keys(space, record.params).items():
        distribution, value = recorded(parameter), record.params[parameter.name]
        if distribution is not None and holds(distribution, value):
            shown[key] = (value, distribution)
    return shown


def _optuna_state(record: TrialRecord) -> TrialState:
    from optuna.trial import TrialState

    states = {"done": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL, "preempted": TrialState.FAIL}
    return states[record.state]


def _now() -> Any:
    """The time as Optuna keeps it: local, without a zone."""
    from datetime import datetime

    return datetime.now()
