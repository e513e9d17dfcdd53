"""The agent kernel's side: takes over what the notebook left, and leaves what it asks for. Nothing of ours imports it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from .folder import leave, take

__all__ = ["load", "save"]


def load(folder: str) -> None:
    """Take over the variables that the notebook left."""
    from IPython import get_ipython

    def opened(name: str) -> Any:
        path = os.path.join(folder, name)
        return open(path, "rb", buffering=0), os.path.getsize(path)

    values, problems = take(None, opened, trusted=True)
    for name, problem in problems.items():
        raise type(problem)(f"{name}: {problem}") from problem
    get_ipython().user_ns.update(values)


def save(names: Iterable[str], folder: str) -> str:
    """Leave variables for the notebook; return as JSON why some are not there."""
    from IPython import get_ipython

    space = get_ipython().user_ns
    problems = leave({name: space[name] for name in names if name in space}, folder, exact=False)
    return json.dumps({name: str(problem)[:300] for name, problem in problems.items()})
