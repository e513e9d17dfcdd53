"""Importing costs little, and choosing a model costs little too."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autogen_jupyter import models

HEAVY = ("openai", "httpx2", "genai_prices", "pydantic")


@pytest.mark.parametrize(
    "code",
    [
        "import autogen_jupyter.models",
        "from autogen_jupyter.models import *",
        "from autogen_jupyter.models import resolve_model; resolve_model(environ={'OPENAI_API_KEY': 'sk-x'}); resolve_model(environ={})",
    ],
)
def test_neither_the_library_nor_prices_are_loaded(code: str) -> None:
    show = f"{code}; import sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    assert set(models.__all__) <= set(dir(models))
    assert all(getattr(models, name) is not None for name in models.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Modle'"):
        _ = models.Modle
