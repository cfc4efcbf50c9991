"""Who may do what on a server for a class; everywhere else everybody may do everything."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Sequence

import streamlit as st

from core.access.operator_password import is_password
from core.data.datasets import BUILT_IN, list_datasets
from core.deleted import Deleted
from core.errors import UserError
from core.experiment.class_rules import ClassRules, read_class_rules
from core.experiment.config import ExperimentConfig
from core.predictions.prediction_store import PredictionStore
from core.store.named_rows import NamedRows
from core.store.people.owner_store import Owner
from ui.app import server, space

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
    rules.require_room_for_runs(len(configs), len(own(active)), len(active))


def require_may_upload() -> None:
    """Checks that this visitor may add a dataset or a table of predictions now.

    Raises:
        UserError: A rule of the class is against it.
    """
    if (rules := rules_for_visitor()) is None:
        return
    added = [dataset_key(name) for name in list_datasets(server.settings()) if name not in BUILT_IN]
    added += [predictions_key(record.id) for record in PredictionStore(server.settings()).all()]
    rules.require_room_for_upload(len(own(added)), len(added))


def take_ownership(*its_ids: str) -> None:
    """Records that this visitor has made something: a run, a learning curve, a dataset, a deletion of one."""
    if class_rules() is not None:
        owner = Owner(space.owner_id(), is_operator=is_operator())
        for its_id in its_ids:
            server.store().owners.take(its_id, owner)


def release_ownership(its_id: str) -> None:
    """Records that something is gone, so that the next one of its name is not its maker's."""
    if class_rules() is not None:
        server.store().owners.release(its_id)


def stored_ids() -> set[str]:
    """The runs and learning curves that are there, which nobody makes any more; empty where nobody owns anything."""
    if class_rules() is None:
        return set()
    store = server.store()
    return {run.id for run in store.list_runs()} | {sweep.id for sweep in store.sweeps.all()}


def own(its_ids: Collection[str]) -> set[str]:
    """Those of some things that this visitor has made."""
    owners = server.store().owners.of(its_ids)
    return {its_id for its_id, owner in owners.items() if owner.id == space.owner_id()}


def made_by_operator() -> set[str]:
    """What the operator has made; nothing on any other server than one for a class."""
    return set() if class_rules() is None else set(server.store().owners.of_operator())


def changeable(its_ids: Collection[str]) -> set[str]:
    """Those of some things that this visitor may rename, delete, restore and cancel: their makers may, and the operator."""
    return set(its_ids) if is_operator() else own(its_ids)


def may_change(its_id: str) -> bool:
    """Whether something is among those."""
    return its_id in changeable([its_id])


def require_may_change(its_id: str) -> None:
    """Checks it.

    Raises:
        UserError: The visitor may not.
    """
    if not may_change(its_id):
        raise _not_yours()


def changeable_texts(sentence_ids: Collection[int]) -> set[int]:
    """Those of some typed texts that this visitor may star, name, delete and restore.

    They are those that nobody else has typed, as several people who type the same share a row.
    """
    if is_operator():
        return set(sentence_ids)
    return server.store().sentences.typed_only_by(space.owner_id(), list(sentence_ids))


def require_may_change_texts(sentence_ids: Collection[int]) -> None:
    """Checks that all of them are.

    Raises:
        UserError: One is not.
    """
    if changeable_texts(sentence_ids) != set(sentence_ids):
        raise _not_yours()


def dataset_key(name: str) -> str:
    """How `take_ownership` and `may_change` know a dataset."""
    return f"dataset {hashlib.sha256(name.casefold().encode()).hexdigest()[:32]}"


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
        found = self._rows.deleted()
        may_be_restored = changeable([deleted.id for deleted in found])
        return [deleted for deleted in found if deleted.id in may_be_restored]


def _not_yours() -> UserError:
    return UserError("Only its maker and the operator of this server can change this; ask one of them.", code="not-yours")


@st.cache_resource(show_spinner=False)
def _guesses() -> threading.Lock:
    return threading.Lock()
