from typing import Any

import nbformat
import pytest

from autogen_jupyter.events import OutputChange
from autogen_jupyter.kernels.outputs import MAX_BUNDLE, MAX_OUTPUTS, MAX_STREAM, OutputCollector


class Watched:
    """A collector, and the outputs as somebody sees them who only hears of the changes."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.changes: list[tuple[int, OutputChange]] = []
        self.collector = OutputCollector(self._watch)

    def _watch(self, block: int, change: OutputChange) -> None:
        self.changes.append((block, change))
        change.apply_to(self.seen)

    def take(self, msg_type: str, **content: Any) -> None:
        self.collector.take(msg_type, content)
        assert self.seen == self.collector.outputs

    def printed(self, text: str, name: str = "stdout") -> None:
        self.take("stream", name=name, text=text)

    def shown(self, text: str, display_id: str | None = None) -> None:
        self.take("display_data", data={"text/plain": text}, metadata={}, transient={"display_id": display_id} if display_id else {})


@pytest.fixture
def watched() -> Watched:
    return Watched()


def _texts(watched: Watched) -> list[str]:
    return [output["text"] if "text" in output else output["data"]["text/plain"] for output in watched.collector.outputs]


def test_adjacent_text_of_one_stream_is_one_output(watched: Watched) -> None:
    watched.printed("a")
    watched.printed("b\n")
    watched.printed("oops\n", "stderr")
    watched.printed("c\n")
    assert _texts(watched) == ["ab\n", "oops\n", "c\n"]
    assert [change.op for _, change in watched.changes] == ["add", "append", "add", "add"]


def test_a_progress_bar_takes_one_line(watched: Watched) -> None:
    watched.printed("start\n")
    for percent in range(0, 101, 20):
        watched.printed(f"\r{percent}%")
    watched.printed("\ndone\n")
    assert _texts(watched) == ["start\n100%\ndone\n"]


def test_all_kinds_of_output_are_valid_in_a_notebook(watched: Watched) -> None:
    watched.printed("x")
    watched.shown("y", "d1")
    watched.take("execute_result", data={"text/plain": "1", "application/json": {"a": 1}}, metadata={}, execution_count=3, transient={})
    watched.take("error", ename="E", evalue="v", traceback=["t"])
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.from_dict(output) for output in watched.collector.outputs])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    assert "transient" not in str(watched.collector.outputs)


def test_an_update_changes_every_output_with_its_display_id(watched: Watched) -> None:
    watched.shown("1", "d1")
    watched.shown("other")
    watched.shown("1 again", "d1")
    watched.take("update_display_data", data={"text/plain": "2"}, metadata={}, transient={"display_id": "d1"})
    assert _texts(watched) == ["2", "other", "2"]


def test_an_update_of_a_display_from_an_earlier_run_is_shown_in_this_one(watched: Watched) -> None:
    for text in ("2", "3"):
        watched.take("update_display_data", data={"text/plain": text}, metadata={}, transient={"display_id": "gone"})
    assert _texts(watched) == ["3"]


def test_clearing_empties_the_block_and_no_earlier_one(watched: Watched) -> None:
    watched.printed("first block\n")
    watched.collector.begin(1)
    watched.shown("a", "d1")
    watched.take("clear_output", wait=False)
    assert _texts(watched) == ["first block\n"]
    watched.take("update_display_data", data={"text/plain": "b"}, metadata={}, transient={"display_id": "d1"})
    watched.shown("c")
    assert _texts(watched) == ["first block\n", "c"]


def test_clearing_with_wait_happens_when_something_new_comes(watched: Watched) -> None:
    watched.shown("frame 1")
    watched.take("clear_output", wait=True)
    assert _texts(watched) == ["frame 1"]
    watched.shown("frame 2")
    assert _texts(watched) == ["frame 2"]


def test_text_does_not_flow_into_an_earlier_block(watched: Watched) -> None:
    watched.printed("one")
    watched.collector.begin(1)
    watched.printed("two")
    assert _texts(watched) == ["one", "two"]
    assert watched.collector.of_block == [{"output_type": "stream", "name": "stdout", "text": "two"}]
    assert watched.changes[-1][0] == 1


def test_a_help_page_becomes_an_output(watched: Watched) -> None:
    watched.collector.take_payload([{"source": "page", "data": {"text/plain": "help"}, "start": 0}, {"source": "ask_exit"}])
    assert _texts(watched) == ["help"]


def test_text_is_bounded_and_the_rest_counted(watched: Watched) -> None:
    for _ in range(3):
        watched.printed("x" * MAX_STREAM)
    assert len(_texts(watched)[0]) == MAX_STREAM
    watched.collector.say_what_was_dropped()
    assert _texts(watched)[1] == f"[{2 * MAX_STREAM:,} characters dropped]\n"


def test_the_number_of_outputs_is_bounded_but_an_error_is_always_kept(watched: Watched) -> None:
    for number in range(MAX_OUTPUTS + 10):
        watched.shown(str(number))
    watched.take("error", ename="E", evalue="", traceback=[])
    assert len(watched.collector.outputs) == MAX_OUTPUTS + 1
    assert watched.collector.dropped_outputs == 10


def test_text_goes_on_in_the_last_stream_when_there_are_too_many_outputs(watched: Watched) -> None:
    for _ in range(MAX_OUTPUTS):
        watched.printed("o", "stdout")
        watched.printed("e", "stderr")
    assert len(watched.collector.outputs) == MAX_OUTPUTS
    assert sum(map(len, _texts(watched))) == 2 * MAX_OUTPUTS


def test_a_bundle_that_is_too_big_says_so(watched: Watched) -> None:
    watched.take("display_data", data={"text/html": "x" * (MAX_BUNDLE + 1)}, metadata={})
    assert _texts(watched) == ["[too big to keep: text/html]"]


def test_messages_that_are_no_output_are_ignored(watched: Watched) -> None:
    watched.take("comm_open", comm_id="1")
    watched.take("execute_input", code="1")
    assert watched.collector.outputs == []
