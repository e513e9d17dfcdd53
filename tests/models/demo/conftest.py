from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from .person import Person

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody who works in the notebooks' folder."""
    monkeypatch.chdir(NOTEBOOKS)
    return Person()


@pytest.fixture
def penguins() -> pd.DataFrame:
    return pd.read_csv(NOTEBOOKS / "data" / "penguins.csv")


@pytest.fixture
def weather() -> pd.DataFrame:
    return pd.read_csv(NOTEBOOKS / "data" / "seattle-weather.csv", parse_dates=["date"])
