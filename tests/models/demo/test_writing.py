from __future__ import annotations

import pytest

from autogen_jupyter.models.demo.writing import identifier, label_title, number, table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (344, "344"), (1461, "1,461"), (3700.662, "3,700.7"), (28.09355, "28.09"), (0.8712, "0.8712"), (-5780.831, "−5,780.8"),
        (12.0, "12"),
        (0.0000123, "1.23e-05"), (123_456_789.5, "123,460,000"), (float("nan"), "–"), (0.0, "0"), (10**20, "100,000,000,000,000,000,000"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_people(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("label", "title"), [("body_mass_g", "Body mass (g)"), ("Region", "Region"), ("temp_max", "Temp max"), ("g", "G"), (7, "7")]
)
def test_columns_are_titled_with_their_unit(label: str, title: str) -> None:
    assert label_title(label) == title


@pytest.mark.parametrize(
    ("text", "name"), [("Sales 2024", "sales_2024"), ("2024", "data_2024"), ("list", "list_data"), ("class", "class_data"), ("§", "data")]
)
def test_variables_are_named_after_files_without_shadowing(text: str, name: str) -> None:
    assert identifier(text) == name


def test_tables_put_numbers_to_the_right() -> None:
    assert table(["a", "b"], [["x", "1"], ["y", "–"]]).splitlines()[1] == "|:--|--:|"
