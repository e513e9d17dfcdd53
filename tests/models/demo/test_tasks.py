"""Every task, against real data: the summary's numbers are compared with numbers computed here, in another way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from .person import Person

CLOSE = {"rel": 6e-4}
"""Summaries round to four significant digits."""


def test_describe_gives_size_and_statistics(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("Describe data/penguins.csv")
    mass = penguins["body_mass_g"]
    assert f"{len(penguins)} rows and {penguins.shape[1]} columns; {int(penguins.isna().to_numpy().sum())} values" in person.answer
    assert person.row("Body mass (g)") == pytest.approx([mass.mean(), mass.std(), mass.min(), mass.max()], **CLOSE)
    counts = ", ".join(f"{name} {count}" for name, count in penguins["species"].value_counts().items())
    assert f"- species: {counts}" in person.answer


def test_head_shows_the_asked_number_of_rows(person: Person) -> None:
    person.ask("Show the first 3 rows of data/penguins.csv")
    assert ".head(3)" in person.codes[-1]
    assert "first 3 of 344 rows" in person.answer


def test_missing_values_are_counted(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("Are there missing values in data/penguins.csv?")
    assert f"{len(penguins.dropna())} of {len(penguins)} rows are complete" in person.answer
    assert person.row("sex")[0] == penguins["sex"].isna().sum()


@pytest.mark.parametrize(("word", "method"), [("mean", "mean"), ("median", "median"), ("total", "sum"), ("maximum", "max")])
def test_groups_are_aggregated(person: Person, penguins: pd.DataFrame, word: str, method: str) -> None:
    person.ask(f"What is the {word} body mass by species in data/penguins.csv?")
    expected = penguins.groupby("species")["body_mass_g"].agg(method)
    for species, value in expected.items():
        assert person.row(str(species))[0] == pytest.approx(value, **CLOSE)


def test_rows_are_counted_by_group(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("How many penguins are there on each island in data/penguins.csv?")
    for island, count in penguins["island"].value_counts().items():
        assert person.row(str(island)) == [count]


def test_a_value_named_in_the_request_selects_rows(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("What is the average flipper length of Gentoo penguins in data/penguins.csv?")
    mean = penguins[penguins["species"] == "Gentoo"]["flipper_length_mm"].mean()
    assert f"flipper length (mm) where species is Gentoo is {mean:.1f} (n = 123)" in person.answer


def test_a_superlative_about_groups_compares_the_column_it_means(person: Person) -> None:
    person.ask("Which species is the heaviest? data/penguins.csv")
    assert "Mean body mass (g) is largest for Gentoo" in person.answer


def test_top_lists_the_largest_rows(person: Person, weather: pd.DataFrame) -> None:
    person.ask("What were the 3 wettest days in data/seattle-weather.csv?")
    for row, value in weather["precipitation"].nlargest(3).items():
        assert person.row(str(row))[0] == pytest.approx(value)


def test_bottom_lists_the_smallest_rows(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("List the bottom 2 penguins by bill length in data/penguins.csv")
    row = penguins["bill_length_mm"].idxmin()
    assert person.row(str(row))[0] == pytest.approx(penguins["bill_length_mm"].min())


def test_correlation_of_named_columns(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("How are bill length and bill depth correlated in data/penguins.csv?")
    r = np.corrcoef(*penguins[["bill_length_mm", "bill_depth_mm"]].dropna().to_numpy().T)[0, 1]
    assert person.row("Bill length (mm) and Bill depth (mm)") == pytest.approx([r], abs=1e-4)
    assert "the other tends to be smaller" in person.answer
    assert person.exit_codes == [0, 0]


def test_trend_by_month(person: Person, weather: pd.DataFrame) -> None:
    person.ask("Show the monthly trend of maximum temperature in data/seattle-weather.csv")
    monthly = weather.groupby(weather["date"].dt.to_period("M"))["temp_max"].mean()
    assert person.row("Temp max, highest") == pytest.approx([monthly.max()], **CLOSE)
    assert person.row("Temp max, first") == pytest.approx([monthly.iloc[0]], **CLOSE)
    assert f"{monthly.idxmax()}" in person.answer
    years = [(month.start_time - pd.Timestamp(2000, 1, 1)).days / 365.25 for month in monthly.index]
    slope = np.linalg.lstsq(np.vstack([years, np.ones(len(years))]).T, monthly.to_numpy(), rcond=None)[0][0]
    assert f"rises by {slope:.4f} a year" in person.answer
    assert person.figures == 1


def test_trend_of_totals_by_year(person: Person, weather: pd.DataFrame) -> None:
    person.ask("total precipitation per year in data/seattle-weather.csv")
    yearly = weather.groupby(weather["date"].dt.year)["precipitation"].sum()
    assert person.row("Precipitation, lowest") == pytest.approx([yearly.idxmin(), yearly.min()], **CLOSE)


def test_trend_over_a_year_column(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("How did body mass develop over the years in data/penguins.csv?")
    assert person.row("Body mass (g), highest")[1] == pytest.approx(penguins.groupby("year")["body_mass_g"].mean().max(), **CLOSE)


def test_histogram(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("Draw a histogram of bill depth for each species in data/penguins.csv")
    depth = penguins["bill_depth_mm"].dropna()
    assert person.row("Bill depth (mm)")[:3] == pytest.approx([depth.median(), depth.mean(), depth.std()], **CLOSE)
    assert person.figures == 1


def test_pivot(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("Make a pivot table of mean body mass by species and sex in data/penguins.csv")
    gentoo = penguins[penguins["species"] == "Gentoo"].groupby("sex")["body_mass_g"].mean()
    assert person.row("Gentoo") == pytest.approx([gentoo["female"], gentoo["male"]], **CLOSE)


def test_counts_of_two_groups(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("How many penguins are there by island and species in data/penguins.csv?")
    dream = penguins[penguins["island"] == "Dream"]["species"].value_counts()
    assert person.row("Dream") == [dream["Adelie"], dream["Chinstrap"], 0]


def test_join_and_then_group_the_joined_table(person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pd.DataFrame({"customer": ["Ann", "Bob", "Cy", "Di"], "city": ["Ulm", "Bonn", "Ulm", "Rome"]}).to_csv(tmp_path / "customers.csv")
    pd.DataFrame({"city": ["Ulm", "Bonn"], "land": ["BW", "NRW"], "people": [128_000, 336_000]}).to_csv(
        tmp_path / "cities.csv", index=False
    )
    monkeypatch.chdir(tmp_path)
    person.ask("Join customers.csv with cities.csv and count the rows by land.")
    assert "3 of 4 joined rows found a match in `cities`" in person.answer
    assert person.row("BW") == [2]


def test_linear_fit(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("Fit a line of body mass against flipper length in data/penguins.csv")
    known = penguins[["flipper_length_mm", "body_mass_g"]].dropna()
    x, y = known.to_numpy().T
    slope = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
    assert person.row("Slope") == pytest.approx([slope], **CLOSE)
    assert person.row("Intercept") == pytest.approx([y.mean() - slope * x.mean()], **CLOSE)
    assert person.row("R²") == pytest.approx([np.corrcoef(x, y)[0, 1] ** 2], abs=1e-4)
    assert person.row("N") == [len(known)]


@pytest.mark.parametrize(
    "request_",
    ["Predict body mass from flipper length", "How does flipper length affect body mass?", "Can flipper length predict body mass?"],
)
def test_a_fit_takes_the_right_column_as_cause(person: Person, request_: str) -> None:
    person.ask(f"{request_} Use data/penguins.csv")
    assert "Body mass (g) changes by 49.69 for each unit of flipper length (mm)" in person.answer


def test_outliers(person: Person, weather: pd.DataFrame) -> None:
    person.ask("Are there outliers in wind in data/seattle-weather.csv?")
    low, high = np.percentile(weather["wind"], [25, 75])
    upper = high + 1.5 * (high - low)
    assert person.row("Wind")[0] == ((weather["wind"] > upper) | (weather["wind"] < low - 1.5 * (high - low))).sum()
    assert person.row("Wind")[2] == pytest.approx(upper, **CLOSE)


def test_several_tasks_in_one_request(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("Describe data/penguins.csv. How do body mass and flipper length differ between species? Plot it.")
    assert len(person.codes) == 2
    assert person.figures == 1
    assert "344 rows and 8 columns" in person.answer
    mass, flipper = (penguins.groupby("species")[column].mean()["Gentoo"] for column in ("body_mass_g", "flipper_length_mm"))
    assert [person.row("Gentoo")[at] for at in (0, 3)] == pytest.approx([mass, flipper], **CLOSE)


@pytest.mark.parametrize(
    ("request_", "figures"),
    [
        ("Plot body mass by species", 1),
        ("plot flipper length against body mass", 1),
        ("how many penguins of each species? as a bar chart", 1),
        ("plot the missing values", 1),
        ("pivot body mass by species and island, as a chart", 1),
        ("top 3 by body mass, as a chart", 1),
        ("mean body mass by species", 0),
    ],
)
def test_plots_are_drawn_when_asked_for(person: Person, request_: str, figures: int) -> None:
    person.ask(f"{request_}, data/penguins.csv")
    assert person.figures == figures
    assert person.exit_codes == [0, 0]


def test_answers_end_the_chat(person: Person) -> None:
    person.ask("Describe data/penguins.csv")
    assert person.answer.splitlines()[-1] == "TERMINATE"
    assert not any("TERMINATE" in text for text in person.said[:-1])
