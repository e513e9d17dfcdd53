"""Whatever a history looks like, the demo model replies."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autogen_jupyter.models.demo import reply
from autogen_jupyter.models.demo.conversation import read_turns
from autogen_jupyter.models.demo.output import heading, read_sections
from autogen_jupyter.models.demo.schema import read_frames

LOOKS = st.sampled_from(
    [
        "t, read from 'data/t.csv': 3 rows x 3 columns\n- 'date': str, 0 missing, 3 different, such as ['2024-01-01']\n"
        "- 'group': str, 0 missing, 2 different, such as ['a', 'b']\n- 'x': float64, 1 missing, 2 different, such as [1.0, 2.0]",
        "t, read from 'data/t.csv': 3 rows x 1 columns\n- 'x': float64, 1 missing",
        "df: 0 rows x 2 columns\n- 0: int64, 0 missing, 0 different, such as []\n- 'y': object, 0 missing, 0 different, such as [",
        "== overview of t ==\nrows: 3\ncolumns: nan\n'x': mean=nan, sd=inf, min=-1e400, max=x",
        "== mean of x by group, t ==\n'x' | 'a': mean=1, n=2\n'x' | 'a",
        "ValueError: could not convert string to float: 'a'",
        "FileNotFoundError: [Errno 2] No such file or directory: 'data/t.csv'",
        "KeyError: 'z'",
        "NameError: name 't' is not defined",
    ]
)
PHRASES = [
    "describe", "data/t.csv", "mean x by group", "plot it", "and", ",", "trend over time", "top 3 largest", "join df with t.", "pivot",
    "correlation", "fit x against y", "histogram", "outliers", "missing", "median instead", "per month", "of a", "above 3",
    "\nVariables in the kernel:\n- df: DataFrame, 3 rows\n",
]  # fmt: skip
ASKS = st.lists(st.sampled_from(PHRASES), max_size=10).map(" ".join)
RESULTS = st.tuples(st.sampled_from(["0 (execution succeeded)", "1 (execution failed)", "x ()"]), LOOKS | st.text()).map(
    lambda pair: f"exitcode: {pair[0]}\nCode output: {pair[1]}"
)
CONTENTS = (
    st.none() | st.text() | ASKS | RESULTS | LOOKS | st.lists(st.dictionaries(st.sampled_from(["type", "text"]), st.none() | st.text()))
)
MESSAGES = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "user", "assistant", "tool", "robot"]), "content": CONTENTS}
) | st.dictionaries(st.text(), st.integers(), max_size=2)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(MESSAGES, max_size=8))
def test_reply_never_raises(messages: list[dict[str, object]]) -> None:
    assert reply(messages).strip()


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ASKS, st.lists(RESULTS, max_size=4))
def test_reply_never_raises_in_a_coding_chat(request: str, results: list[str]) -> None:
    messages = [{"role": "user", "content": f"describe data/t.csv {request}"}]
    for result in results:
        messages += [{"role": "assistant", "content": reply(messages)}, {"role": "user", "content": result}]
    assert reply(messages) == reply(messages)


@given(st.text() | LOOKS)
def test_any_output_can_be_read(text: str) -> None:
    read_frames(text)
    assert set(read_sections(f"{heading('a')}\n{text}", ["a", "b"])) >= {"a"}


def test_an_exit_code_message_is_a_result_in_all_its_forms() -> None:
    for text in ("exitcode: 0 (execution succeeded)\nCode output: 3", "exitcode: 0 (execution succeeded)\nCode output: \n3"):
        turns = read_turns(
            [
                {"role": "user", "content": "sum"},
                {"role": "assistant", "content": "```python\n1 + 2\n```"},
                {"role": "user", "content": text},
            ]
        )
        assert [(run.code, run.succeeded, run.output) for run in turns[0].runs] == [("1 + 2", True, "3")]


def test_importing_the_package_imports_no_client_library() -> None:
    code = "import sys, autogen_jupyter.models.demo as demo; print(sorted({'openai', 'httpx2', 'pandas'} & set(sys.modules)), demo.__all__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] ['DemoTransport', 'reply']"
