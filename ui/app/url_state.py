"""The run or learning curve that a visitor looks at: in the URL, and remembered from page to page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, Literal, TypeVar

import streamlit as st

from core.deleted import Deleted, DeletedError
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.store.run import Run, Sweep
from ui.app import access, server, space
from ui.app.access import GuardedRows

StoredT = TypeVar("StoredT", Run, Sweep)


_GONE = ("run-missing", "sweep-missing", "row-damaged", "config-unknown")  # codes of what a link cannot open, now or later


@dataclass(frozen=True)
class Kind(Generic[StoredT]):
    """Runs or learning curves: what differs between them, so that lists, menus and panels are written once.

    Attributes:
        name: Parameter of the URL and prefix of widget keys.
        noun: For people.
        get: Loads one by its id; raises `UserError` if the store does not have it.
        store: Renames, deletes and restores them, as far as the visitor may.
        cancel: Stops one by its id.
        resume: Goes on with one by its id.
    """

    name: Literal["run", "sweep"]
    noun: str
    get: Callable[[str], StoredT]
    store: Callable[[], GuardedRows]
    cancel: Callable[[str], None]
    resume: Callable[[str], None]

    def current_id(self) -> str | None:
        """The one in the URL, or the one last looked at; whether the store has it is another question."""
        return st.query_params.get(self.name) or st.session_state.get(self._state_key)

    def current(self) -> StoredT | None:
        """The one in the URL, or the one last looked at, which then goes into the URL; None before any.

        Raises:
            DeletedError: Somebody has deleted it; it stays in the URL, so that restoring it brings it back.
            UserError: The store does not have it.
        """
        its_id = self.current_id()
        if not its_id:
            return None
        try:
            stored = self.get(its_id)
        except DeletedError:
            raise
        except UserError as error:
            if error.code in _GONE:  # but a store that is locked or away for a moment closes nothing
                self.close()
            raise
        self.open(stored.id)
        return stored

    def deleted(self) -> Deleted | None:
        """The one in the URL, or the one last looked at, if somebody has deleted it; it then stays in the URL."""
        its_id = self.current_id()
        deleted = self.store().find_deleted(its_id) if its_id else None
        if deleted:
            self.open(deleted.id)
        return deleted

    def open(self, its_id: str) -> None:
        """Make it the one that the pages show."""
        st.session_state[self._state_key] = its_id
        if st.query_params.get(self.name) != its_id:
            st.query_params[self.name] = its_id

    def close(self) -> None:
        """Show none."""
        st.session_state.pop(self._state_key, None)
        st.query_params.pop(self.name, None)

    @property
    def _state_key(self) -> str:
        return f"current_{self.name}_id"


def _get_sweep(sweep_id: str) -> Sweep:
    return server.store().sweeps.get(sweep_id)


def _own_new(its_ids: Sequence[str], known: Collection[str]) -> None:
    """What this visitor has just made is theirs; what was joined is not."""
    access.take_ownership(*(its_id for its_id in its_ids if its_id not in known))


def _cancel_run(run_id: str) -> None:
    access.require_may_change(run_id)
    server.engine().cancel(run_id, person=space.owner_id())


def _cancel_sweep(sweep_id: str) -> None:
    access.require_may_change(sweep_id)
    server.engine().cancel_sweep(sweep_id, person=space.owner_id())


def _resume_run(run_id: str) -> None:
    access.require_may_start([server.store().get_run(run_id).config])
    server.engine().resume(run_id, person=space.owner_id())


def _resume_sweep(sweep_id: str) -> None:
    access.require_may_start(_get_sweep(sweep_id).configs)
    known = access.stored_ids()
    server.engine().resume_sweep(sweep_id, person=space.owner_id())
    _own_new(_get_sweep(sweep_id).run_ids, known)  # those that replace deleted ones


RUNS = Kind(
    name="run",
    noun="run",
    get=lambda run_id: server.store().get_run(run_id),
    store=lambda: GuardedRows(server.store()),
    cancel=_cancel_run,
    resume=_resume_run,
)
SWEEPS = Kind(
    name="sweep",
    noun="learning curve",
    get=_get_sweep,
    store=lambda: GuardedRows(server.store().sweeps),
    cancel=_cancel_sweep,
    resume=_resume_sweep,
)
GROUP_PARAMETER = "group"  # of the URL: which test reviews are read on Compare; a link opens the same
RUN_PARAMETER = RUNS.name  # of the URL: a link to a run works in any browser


def shown_kind() -> Kind[Any]:
    """What the Train page shows: a learning curve if one is open and no run stands in the URL, else a run."""
    is_run_linked = RUN_PARAMETER in st.query_params and SWEEPS.name not in st.query_params
    return SWEEPS if SWEEPS.current_id() and not is_run_linked else RUNS


def is_active(stored: Run | Sweep) -> bool:
    """Whether a run, or one of the runs of a learning curve, is waiting or running."""
    return stored.is_active if isinstance(stored, Run) else server.engine().sweep_progress(stored.id).is_active


def show(kind: Kind[Any], its_id: str) -> None:
    """Make a run or a learning curve what the Train page shows, in place of the other."""
    if kind is RUNS:
        SWEEPS.close()
    else:
        st.query_params.pop(RUN_PARAMETER, None)  # the run stays the one that other pages show
    kind.open(its_id)


def open_latest() -> None:
    """Show what was trained last, if nothing was chosen: a run or a learning curve, or the example where nothing was trained.

    On a server for a class, it is the last of the operator's, if there is one. What is still being trained is not shown: its
    progress would take the place of the form on the page of everybody who comes. What somebody has taught comes last, as in
    `shown_first`: it answers for them alone.
    """
    if RUNS.current_id() or SWEEPS.current_id():
        return
    finished, sweeps = [run for run in server.store().list_runs() if run.is_finished], server.store().sweeps.all()
    of_operator = access.made_by_operator()
    latest = _latest(
        [run for run in finished if run.id in of_operator], [sweep for sweep in sweeps if sweep.id in of_operator]
    ) or _latest(finished, sweeps)
    if latest:
        show(*latest)


def _latest(finished: Sequence[Run], sweeps: Sequence[Sweep]) -> tuple[Kind[Any], str] | None:
    """The newer of the first run and the first learning curve, unless that is still being trained; the example comes last."""
    run = shown_first(finished)
    sweep = next((sweep for sweep in sweeps[:1] if not is_active(sweep)), None)
    found = [(kind, stored) for kind, stored in ((RUNS, run), (SWEEPS, sweep)) if stored is not None]
    if not found:
        return None
    kind, stored = max(found, key=lambda each: (not each[1].is_example, each[1].created_at))
    return kind, stored.id


def start_run(config: ExperimentConfig, page: str = "") -> None:
    """Start a run, or open the one that does exactly this already, and show it.

    Args:
        config: Of the run.
        page: The page that shows it, if it is another one.

    Raises:
        UserError: The config cannot be run, the visitor may not run it, or the store cannot be written.
    """
    access.require_may_start([config])
    known = access.stored_ids()
    run_id = server.engine().submit(config, person=space.owner_id())
    _own_new([run_id], known)
    show(RUNS, run_id)
    if page:
        st.switch_page(page, query_params=[(RUN_PARAMETER, run_id)])
    st.rerun()


def start_sweep(config: ExperimentConfig, train_sizes: Sequence[int]) -> None:
    """Start a run per training size, or open the learning curve that does exactly this already, and show it.

    Raises:
        UserError: A size cannot be trained, the visitor may not train it, or the store cannot be written.
    """
    access.require_may_start([config.model_copy(update={"train_size": train_size}) for train_size in train_sizes])
    known = access.stored_ids()
    sweep_id = server.engine().submit_sweep(config, train_sizes, person=space.owner_id())
    _own_new([sweep_id, *_get_sweep(sweep_id).run_ids], known)
    show(SWEEPS, sweep_id)
    st.rerun()


def runs_with_models() -> list[Run]:
    """Stored runs with models that work, on the vectors they were trained on; in the order of `RunStore.list_runs`."""
    with_models = server.store().trials.runs_with_heads()
    now = cache(server.provenance)
    return [
        run
        for run in server.store().list_runs()
        if run.id in with_models and not run.provenance.changes(now(_reading(run.config)), only_predicting=True)
    ]


def _reading(config: ExperimentConfig) -> ExperimentConfig:
    """A config with what decides the vectors alone, which many runs have in common."""
    return ExperimentConfig(static=config.static, elmo=config.elmo, own_arms=config.own_arms, arms=config.arms)


def shown_first(runs: Sequence[Run]) -> Run | None:
    """The run of some, the newest first, that somebody sees who has chosen none; None if there is none.

    The operator's come before others on a server for a class; of these, the newest without lessons, or the newest of all.
    """
    of_operator = access.made_by_operator()
    runs = [run for run in runs if run.id in of_operator] or runs
    return next((run for run in runs if not run.config.lessons), next(iter(runs), None))


def open_newest(runs: Sequence[Run]) -> Run | None:
    """Make `shown_first` the current run."""
    newest = shown_first(runs)
    if newest is not None:
        RUNS.open(newest.id)
    return newest
