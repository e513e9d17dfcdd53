"""The search: optuna says what to try next and what is not worth going on with, and keeps what was found."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import UsageError
from .rows import Row, digest
from .space import Space
from .tune_result import Trial

if TYPE_CHECKING:
    import optuna

__all__ = ["Search", "loaded_optuna"]

_ENDED = ("COMPLETE", "PRUNED")


def loaded_optuna() -> Any:
    """Import optuna.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import optuna
    except ImportError:
        raise UsageError('tune needs optuna: pip install "autogen_jupyter[tune]"') from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


class Search:
    """A study of optuna's, and our trials in it.

    Args:
        space: what may be varied.
        rows: the data.
        mode: what is better.
        storage: a file that keeps it, or None.
        seed: of the choices that are made by chance.
        prune: whether trials that do badly are given up.
    """

    def __init__(
        self,
        space: Space,
        rows: Sequence[Row],
        *,
        mode: Literal["max", "min"],
        storage: str | os.PathLike[str] | None,
        seed: int,
        prune: bool,
    ) -> None:
        library = loaded_optuna()
        self._states = library.trial.TrialState
        self._space = space
        self._live: dict[int, optuna.Trial] = {}
        warm = max(1, min(4, len(rows) // 3))
        self._study: optuna.Study = library.create_study(
            study_name="tune",
            direction="maximize" if mode == "max" else "minimize",
            sampler=library.samplers.TPESampler(seed=seed),
            pruner=library.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=warm) if prune else library.pruners.NopPruner(),
            storage=None if storage is None else _kept(library, Path(storage)),
            load_if_exists=True,
        )
        self._claim({"space": digest(space.identity), "data": digest(list(rows)), "mode": mode}, storage)
        self._take_up()

    @property
    def done(self) -> int:
        """How many trials came to an end, in earlier runs too."""
        return sum(trial.state.name in _ENDED for trial in self._study.get_trials(deepcopy=False))

    def begin(self) -> tuple[int, dict[str, Any]]:
        """Return the number and the settings of the next trial."""
        trial = self._study.ask()
        settings = self._space.suggest(trial)
        self._live[trial.number] = trial
        return trial.number, settings

    def is_hopeless(self, number: int, score: float, step: int) -> bool:
        """Note a trial's score so far; say whether it should be given up."""
        trial = self._live[number]
        trial.report(score, step)
        return trial.should_prune()

    def end(self, made: Trial) -> None:
        """Note how a trial ended."""
        trial = self._live.pop(made.number)
        names = ("score", "usd", "seconds", "rows", "state", "error")
        trial.set_user_attr("made", json.dumps({name: getattr(made, name) for name in names}))
        if made.state == "complete":
            self._study.tell(trial, made.score)
        else:
            self._study.tell(trial, state=self._states.PRUNED if made.state == "pruned" else self._states.FAIL)

    def trials(self) -> list[Trial]:
        """Return every trial that ended, in order, those of earlier runs too."""
        ended = [kept for kept in self._study.get_trials(deepcopy=False) if "made" in kept.user_attrs]
        return [Trial(kept.number, self._settings_of(kept), **json.loads(kept.user_attrs["made"])) for kept in ended]

    def _settings_of(self, kept: Any) -> dict[str, Any]:
        library = loaded_optuna()
        return self._space.suggest(library.trial.FixedTrial(kept.params))

    def _claim(self, identity: dict[str, str], storage: object) -> None:
        """Say whose search it is; a storage file holds one."""
        known = self._study.user_attrs
        changed = [name for name, value in identity.items() if known.get(name, value) != value]
        if changed:
            raise UsageError(f"{storage} holds a search with another {' and '.join(changed)}. Name another file, or delete this one.")
        for name, value in identity.items():
            if name not in known:
                self._study.set_user_attr(name, value)

    def _take_up(self) -> None:
        """Try again what an earlier run left unfinished."""
        for trial in self._study.get_trials(deepcopy=True):
            is_left = trial.state == self._states.RUNNING
            if is_left:
                self._study.tell(trial.number, state=self._states.FAIL)
            if trial.params and (is_left or '"stopped"' in trial.user_attrs.get("made", "")):
                self._study.enqueue_trial(trial.params, skip_if_exists=True)


def _kept(library: Any, path: Path) -> Any:
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = JournalFileOpenLock(str(path))
    try:
        return library.storages.JournalStorage(JournalFileBackend(str(path), lock_obj=lock))
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is not a search of tune's ({type(error).__name__}). Name another file.") from error
