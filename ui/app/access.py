"""Who may do what on a server for a class; everywhere else everybody may do everything."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from core.access.operator_password import is_password
from core.data.datasets import BUILT_IN, list_datasets
from core.deleted import Deleted
from core.errors import UserError
from core.experiment.class_rules import ClassRules, read_class_rules
from core.experiment.config import ExperimentConfig
from core.predictions.prediction_store import PredictionStore
from core.store.named_rows import NamedRows
from ui.app import server, visitors

_OPERATOR_KEY = "is_operator"


@st.cache_resource(show_spinner=False)
def class_rules() -> ClassRules | None:
    """The rules of a server for a class; None for any other server."""
    return read_class_rules() if server.settings().class_rules else None


def rules_for_visitor() -> ClassRules | None:
    """The rules that this visitor has to keep; None for the operator and on any other server."""
    return None if is_operator() else class_rules()


def is_operator() -> bool:
    """Whether this visitor may do everything."""
    return class_rules() is None or bool(st.session_state.get(_OPERATOR_KEY))


def sign_in(typed: str) -> None:
    """Makes this visitor the operator until they leave or sign out.

    Raises:
        UserError: It is not the password.
    """
    with _guesses():  # one at a time: each takes some hundredths of a second
        if not is_password(typed, server.settings()):
            raise UserError(
                "This is not the operator's password; type the one that the server has printed, or make another with "
                "elmo-lens dashboard --class --new-password.",
                code="password-wrong",
            )
    st.session_state[_OPERATOR_KEY] = True


def sign_out() -> None:
    """Makes the operator a visitor like the others."""
    st.session_state.pop(_OPERATOR_KEY, None)


def require_allowed(config: ExperimentConfig) -> None:
    """Checks that this visitor may run an experiment at all, before anything of it is loaded.

    Raises:
        UserError: A rule of the class is against it.
    """
    if rules := rules_for_visitor():
        rules.require_allowed(config)


def require_may_start(configs: Sequence[ExperimentConfig]) -> None:
    """Checks that this visitor may start some runs now.

    Raises:
        UserError: A rule of the class is against it.
    """
    if (rules := rules_for_visitor()) is None:
        return
    for config in configs:
        rules.require_allowed(config)
    active = [run.id for run in server.store().list_runs() if run.is_active]
    rules.require_room_for_runs(len(configs), sum(map(_is_own, active)), len(active))


def require_may_upload() -> None:
    """Checks that this visitor may add a dataset or a table of predictions now.

    Raises:
        UserError: A rule of the class is against it.
    """
    if (rules := rules_for_visitor()) is None:
        return
    added = [dataset_key(name) for name in list_datasets(server.settings()) if name not in BUILT_IN]
    added += [predictions_key(record.id) for record in PredictionStore(server.settings()).all()]
    rules.require_room_for_upload(sum(map(_is_own, added)), len(added))


def take_ownership(its_id: str) -> None:
    """Records that this visitor has made something: a run, a learning curve, a dataset, a deletion of one."""
    if class_rules() is not None:
        _owners().setdefault(its_id, visitors.current_id())


@contextmanager
def owning_new() -> Iterator[None]:
    """Records that this visitor has made the runs and learning curves that come into being inside; not those that are joined."""
    if class_rules() is None:
        yield
        return
    before = _stored_ids()
    yield
    for its_id in _stored_ids() - before:
        take_ownership(its_id)


def may_change(its_id: str) -> bool:
    """Whether this visitor may rename, delete, restore and cancel something: the operator, and whoever has made it."""
    return is_operator() or _is_own(its_id)


def require_may_change(its_id: str) -> None:
    """Checks it.

    Raises:
        UserError: The visitor may not.
    """
    if not may_change(its_id):
        raise UserError(
            "Only the operator of this server and whoever has started it can change this; ask one of them.", code="not-yours"
        )


def dataset_key(name: str) -> str:
    """How `take_ownership` and `may_change` know a dataset."""
    return f"dataset {name.casefold()}"


def predictions_key(its_id: str) -> str:
    """How `take_ownership` and `may_change` know a table of predictions, deleted or not."""
    return f"predictions {its_id}"


class GuardedRows:
    """Runs or learning curves as this visitor may rename, delete and restore them.

    Args:
        rows: In the store.
    """

    def __init__(self, rows: NamedRows) -> None:
        self._rows = rows
        self.find_deleted = rows.find_deleted

    def rename(self, its_id: str, name: str, *, was: str | None = None) -> None:
        """As the store does; raises `UserError` if the visitor may not."""
        require_may_change(its_id)
        self._rows.rename(its_id, name, was=was)

    def delete(self, its_id: str) -> None:
        """As the store does; raises `UserError` if the visitor may not."""
        require_may_change(its_id)
        self._rows.delete(its_id)

    def restore(self, its_id: str) -> None:
        """As the store does; raises `UserError` if the visitor may not."""
        require_may_change(its_id)
        self._rows.restore(its_id)

    def deleted(self) -> list[Deleted]:
        """What the visitor can restore."""
        return [deleted for deleted in self._rows.deleted() if may_change(deleted.id)]


def _stored_ids() -> set[str]:
    store = server.store()
    return {run.id for run in store.list_runs()} | {sweep.id for sweep in store.sweeps.all()}


def _is_own(its_id: str) -> bool:
    return _owners().get(its_id) == visitors.current_id()


@st.cache_resource(show_spinner=False)
def _owners() -> dict[str, str]:
    """Who has made what since the server was started."""
    return {}


@st.cache_resource(show_spinner=False)
def _guesses() -> threading.Lock:
    return threading.Lock()
