"""How the demo model takes part in a chat: looking first, following up, mending errors, and saying what it cannot do."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from autogen_jupyter.models.demo import reply

from .person import Person

HANDED_OVER = "\n\nVariables in the kernel:\n- {name}: DataFrame, 124 rows x 8 columns: species (object), island (object), …\n"


def test_it_looks_at_the_data_before_it_analyses(person: Person) -> None:
    person.ask("mean body mass by species in data/penguins.csv")
    assert "penguins = pd.read_csv('data/penguins.csv')" in person.codes[0]
    assert "groupby" not in person.codes[0]
    assert "groupby('species'" in person.codes[1]


def test_a_data_frame_that_was_handed_over_is_used_by_its_name(person: Person, penguins: pd.DataFrame) -> None:
    gentoo = penguins[penguins["species"] == "Gentoo"]
    person.namespace["gentoo"] = gentoo
    person.ask("Fit a line of body mass against flipper length." + HANDED_OVER.format(name="gentoo"))
    assert "read_csv" not in "".join(person.codes)
    assert person.row("N") == [len(gentoo[["body_mass_g", "flipper_length_mm"]].dropna())]


def test_a_follow_up_refers_to_loaded_data_and_to_the_last_columns(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("What is the mean body mass by species in data/penguins.csv?").ask("Now plot it by island.")
    assert len(person.codes) == 1
    assert person.figures == 1
    assert person.row("Biscoe")[0] == pytest.approx(penguins.groupby("island")["body_mass_g"].mean()["Biscoe"], rel=6e-4)


def test_a_follow_up_can_change_the_measure_or_ask_for_the_plot(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("mean body mass by species in data/penguins.csv").ask("Use the median instead.")
    assert person.row("Adelie")[0] == penguins.groupby("species")["body_mass_g"].median()["Adelie"]
    assert person.ask("Plot it").figures == 1


def test_a_follow_up_may_name_a_second_file(person: Person) -> None:
    person.ask("Describe data/penguins.csv").ask("Describe data/seattle-weather.csv")
    assert "read_csv('data/seattle-weather.csv')" in person.codes[0]
    assert "`seattle_weather` has 1,461 rows" in person.answer


def test_correlation_over_text_columns_fails_once_and_is_mended(person: Person, penguins: pd.DataFrame) -> None:
    person.ask("Which measurements in data/penguins.csv are correlated?")
    assert person.exit_codes == [0, 1, 0]
    assert "text columns" in person.said[-2]
    assert "corr(numeric_only=True)" in person.codes[-1]
    r = penguins["body_mass_g"].corr(penguins["flipper_length_mm"])
    assert person.row("Flipper length (mm) and Body mass (g)") == pytest.approx([r], abs=1e-4)


def test_a_misspelt_file_is_searched_for(person: Person) -> None:
    person.ask("Describe data/pengins.csv")
    assert person.exit_codes == [0 if code else 1 for code in (False, True, True, True)]
    assert "data/penguins.csv, which comes closest" in person.said[-3]
    assert "344 rows" in person.answer


def test_a_file_that_is_nowhere_is_reported_with_what_is_there(person: Person) -> None:
    person.ask("Describe data/budget.csv")
    assert "I cannot find data/budget.csv" in person.answer
    assert "- data/penguins.csv" in person.answer


def test_numbers_stored_as_text_are_converted_after_the_error(person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sales.csv").write_text('region,price\nNorth,"$1,200.50"\nSouth,$300.00\nNorth,$99.90\nSouth,n/a\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    person.ask("mean price by region in sales.csv")
    assert person.exit_codes == [0, 1, 0]
    assert person.row("North")[0] == pytest.approx((1200.50 + 99.90) / 2)


def test_decimal_commas_are_not_taken_for_thousands(person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "preise.csv").write_text('ware,preis\na,"1.200,50"\na,"99,90"\nb,"7,25"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    person.ask("mean preis by ware in preise.csv")
    assert person.row("a")[0] == pytest.approx((1200.50 + 99.90) / 2)


def test_dates_in_two_notations_are_read_one_by_one(person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "log.csv").write_text("date,visits\n2024-01-05,10\n2024-02-11,20\n13.03.2024,60\nunknown,5\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    person.ask("How do visits develop over time in log.csv?")
    assert person.exit_codes == [0, 1, 0]
    assert "2024-03 (60)" in person.answer


def test_join_keys_of_different_types_are_compared_as_text(person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orders.csv").write_text("order,shop\n1,7\n2,8\n3,7\n", encoding="utf-8")
    (tmp_path / "shops.csv").write_text("shop,town\n7,Ulm\nx8,Bonn\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    person.ask("Join orders.csv with shops.csv")
    assert person.exit_codes == [0, 1, 0]
    assert "2 of 3 joined rows" in person.answer


def test_a_kernel_that_lost_its_variables_loads_them_again(person: Person) -> None:
    person.ask("Describe data/penguins.csv")
    person.namespace.clear()
    person.ask("Show the mean body mass by species")
    assert person.exit_codes == [1, 0]
    assert "load it again" in person.said[-2]
    assert person.row("Gentoo")[0] == 5076


def test_a_missing_package_is_named_and_ends_the_chat() -> None:
    failed = "exitcode: 1 (execution failed)\nCode output: Traceback …\nModuleNotFoundError: No module named 'matplotlib'"
    text = reply(_history("plot body mass in data/penguins.csv", failed))
    assert "pip install matplotlib" in text
    assert text.endswith("TERMINATE")


def test_an_unknown_column_is_replaced_by_the_nearest(person: Person) -> None:
    person.ask("Describe data/penguins.csv")
    edited = "print(penguins['body_mass'].mean())"
    history = [
        *person.messages,
        {"role": "user", "content": "mean body mass by species"},
        {"role": "assistant", "content": f"```python\n{edited}\n```"},
        {
            "role": "user",
            "content": "exitcode: 1 (execution failed)\nCode output: Traceback (most recent call last):\nKeyError: 'body_mass'",
        },
    ]
    text = reply(history)
    assert "nearest name in the data is body_mass_g" in text
    assert "penguins['body_mass_g'].mean()" in text


def test_an_error_beyond_its_rules_ends_honestly() -> None:
    failed = "exitcode: 1 (execution failed)\nCode output: Traceback (most recent call last):\nMemoryError: out of memory"
    text = reply(_history("Describe data/penguins.csv", failed))
    assert "I do not know how to mend it: MemoryError: out of memory" in text
    assert text.endswith("TERMINATE")


def test_it_does_not_repair_for_ever(person: Person) -> None:
    person.ask("Describe data/penguins.csv")
    history = [*person.messages, {"role": "user", "content": "mean body mass by species"}]
    for _ in range(10):
        text = reply(history)
        if "TERMINATE" in text:
            break
        failed = "exitcode: 1 (execution failed)\nCode output: NameError: name 'penguins' is not defined"
        history += [{"role": "assistant", "content": text}, {"role": "user", "content": failed}]
    assert text.endswith("TERMINATE")


def test_output_without_its_numbers_is_not_summed_up() -> None:
    look = (
        "exitcode: 0 (execution succeeded)\nCode output: p, read from 'p.csv': 3 rows x 1 columns\n- 'mass': int64, 0 missing, 3 different"
    )
    history = _history("mean mass in p.csv", look)
    history += [
        {"role": "assistant", "content": reply(history)},
        {"role": "user", "content": "exitcode: 0 (execution succeeded)\nCode output: ok"},
    ]
    assert "does not hold the numbers" in reply(history)


@pytest.mark.parametrize("request_", ["hello", "What can you do?", "help", "Who are you"])
def test_greetings_get_the_list_of_tasks(request_: str) -> None:
    text = reply([{"role": "user", "content": request_}])
    assert "built-in demo script of autogen_jupyter, not a language model" in text
    assert "fit a straight line" in text
    assert text.endswith("TERMINATE")


@pytest.mark.parametrize("request_", ["Write a poem about the sea", "Translate 'dog' to French", "write a haiku for data/penguins.csv"])
def test_other_requests_are_declined(request_: str) -> None:
    text = reply([{"role": "user", "content": request_}])
    assert text.startswith("That is outside what I can do.")
    assert "OPENAI_API_KEY" in text
    assert "```" not in text


def test_a_task_without_data_asks_for_data() -> None:
    assert "I do not know with which data" in reply([{"role": "user", "content": "Plot the mean by group"}])


def test_words_that_fit_no_column_show_the_columns(person: Person) -> None:
    person.ask("mean salary by profession in data/penguins.csv")
    assert "flipper_length_mm" in person.answer
    assert "cannot match your request" in person.answer


def test_a_condition_on_numbers_is_said_to_be_left_out(person: Person) -> None:
    person.ask("mean flipper length by species for penguins above 4000 g in data/penguins.csv")
    assert "I cannot restrict the rows by “above 4000”" in person.answer


def test_a_summary_prompt_at_the_end_gets_the_answer_again(person: Person) -> None:
    person.ask("Describe data/penguins.csv")
    prompt = {"role": "system", "content": "Summarize the takeaway from the conversation."}
    assert reply([*person.messages, prompt]) == person.answer.removesuffix("TERMINATE").strip()


def test_dollar_signs_that_matplotlib_takes_for_mathematics_are_mended(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pd.DataFrame({r"$\nope$": [1.0, 2.0, 4.0], "b": [2.0, 1.0, 0.0]}).to_csv(tmp_path / "t.csv", index=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(plt.rcParams, "text.parse_math", True)
    person.ask("Show the correlation in t.csv")
    assert person.exit_codes == [0, 1, 0]
    assert "dollar signs" in person.said[-2]


def test_the_same_history_gets_the_same_reply(person: Person) -> None:
    person.ask("Describe data/penguins.csv and plot body mass by species")
    assert reply(person.messages[:-1]) == person.answer


def _history(request: str, result: str) -> list[dict[str, str]]:
    first = [{"role": "user", "content": request}]
    return [*first, {"role": "assistant", "content": reply(first)}, {"role": "user", "content": result}]
