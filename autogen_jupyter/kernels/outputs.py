"""From a kernel's messages to a list of nbformat outputs, and every step on the way for those who watch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..events import OutputChange
from ..terminal import overwrite

__all__ = ["OutputCollector"]

MAX_STREAM = 2_000_000
"""Characters of printed text that one run keeps. Our bootstrap stops earlier; this is for kernels that it does not know."""
MAX_FLOOD = 64_000_000
"""Characters of printed text after which a run has to be stopped."""
MAX_OUTPUTS = 500
"""Outputs that one run keeps; text goes on into the last stream of its name."""
MAX_BUNDLE = 20_000_000
"""Characters that one displayed object may have in one format."""
MAX_DISPLAYED = 25_000_000
"""Characters that all displayed objects of a run may have."""
WIDGET = "application/vnd.jupyter.widget-view+json"

Output = dict[str, Any]


class OutputCollector:
    """Collects the outputs of one run, over all its blocks.

    The outputs are plain dictionaries in nbformat's shape. They are not built with ``nbformat.v4.new_output``, which validates each
    against a JSON schema: that costs more than running a small block.
    """

    def __init__(self, watch: Callable[[int, OutputChange], None] | None = None) -> None:
        self.outputs: list[Output] = []
        self.printed = 0
        """Characters seen on stdout and stderr, kept or not."""
        self.dropped = 0
        """How many of them were not kept."""
        self.dropped_outputs = 0
        self.watch_error: Exception | None = None
        """What the watching function raised; it is not called again after that."""
        self._watch = watch
        self._block = 0
        self._first = 0
        self._clear_pending = False
        self._displays: dict[str, list[int]] = {}
        self._displayed = 0

    def begin(self, block: int) -> None:
        """Say that the outputs of another block follow; clearing reaches back no further than this."""
        self._block = block
        self._first = len(self.outputs)
        self._clear_pending = False

    @property
    def of_block(self) -> list[Output]:
        """The outputs of the block that began last."""
        return self.outputs[self._first :]

    def take(self, msg_type: str, content: Mapping[str, Any]) -> None:
        """Take in an iopub message; types that are no output are ignored."""
        take = _TAKES.get(msg_type)
        if take is not None:
            take(self, content)

    def take_payload(self, payload: list[Mapping[str, Any]]) -> None:
        """Take in what a reply asks the front end to show: help pages (``obj?``) become an output."""
        for item in payload:
            data = item.get("data")
            if item.get("source") == "page" and isinstance(data, Mapping):
                self.take("display_data", {"data": data, "metadata": {}})

    def take_lost_error(self, reply: Mapping[str, Any]) -> None:
        """Take the error from a reply, where the output that shows it was lost on the way."""
        if reply.get("status") == "error" and "traceback" in reply and not any(each["output_type"] == "error" for each in self.of_block):
            self.take("error", reply)

    def add_text(self, text: str, *, name: str = "stderr") -> None:
        """Add a line of our own to the block's outputs."""
        self._settle_clear()
        self._add({"output_type": "stream", "name": name, "text": text})

    def say_what_was_dropped(self) -> None:
        """Add a line about what did not fit into the block's outputs, if anything did not."""
        if self.dropped or self.dropped_outputs:
            what = f"{self.dropped:,} characters" if self.dropped else f"{self.dropped_outputs:,} outputs"
            self._add({"output_type": "stream", "name": "stderr", "text": f"[{what} dropped]\n"}, always=True)
        self.dropped = self.dropped_outputs = 0

    def _stream(self, content: Mapping[str, Any]) -> None:
        self._settle_clear()
        name, text = content["name"], content["text"]
        room = max(MAX_STREAM - self.printed, 0)
        self.printed += len(text)
        self.dropped += max(len(text) - room, 0)
        text = text[:room]
        index = self._open_stream(name)
        if not text:
            return
        if index is None:
            self._add({"output_type": "stream", "name": name, "text": overwrite(text)})
        else:
            self._extend(index, text)

    def _open_stream(self, name: str) -> int | None:
        last = len(self.outputs) - 1
        if last >= self._first and self._is_stream(last, name):
            return last
        if len(self.outputs) < MAX_OUTPUTS:
            return None
        return next((index for index in range(last, self._first - 1, -1) if self._is_stream(index, name)), None)

    def _is_stream(self, index: int, name: str) -> bool:
        return self.outputs[index].get("name") == name and self.outputs[index]["output_type"] == "stream"

    def _extend(self, index: int, text: str) -> None:
        output = self.outputs[index]
        before: str = output["text"]
        line = before.rfind("\n") + 1
        rewritten = overwrite(before[line:] + text)
        output["text"] = before[:line] + rewritten
        if rewritten.startswith(before[line:]):
            self._tell(OutputChange("append", index, text=rewritten[len(before) - line :]))
        else:
            self._tell(OutputChange("replace", index, output=dict(output)))

    def _display_data(self, content: Mapping[str, Any]) -> None:
        self._display({"output_type": "display_data"}, content)

    def _execute_result(self, content: Mapping[str, Any]) -> None:
        self._display({"output_type": "execute_result", "execution_count": content.get("execution_count")}, content)

    def _display(self, output: Output, content: Mapping[str, Any]) -> None:
        self._settle_clear()
        output |= {"data": self._bounded(content["data"]), "metadata": dict(content.get("metadata") or {})}
        display_id = _display_id(content)
        if display_id and len(self.outputs) < MAX_OUTPUTS:
            self._displays.setdefault(display_id, []).append(len(self.outputs))
        self._add(output)

    def _update_display_data(self, content: Mapping[str, Any]) -> None:
        indexes = self._displays.get(_display_id(content))
        if indexes is None:  # it was shown in an earlier run, whose outputs are told and done
            self._display_data(content)
            return
        changed = {"data": self._bounded(content["data"]), "metadata": dict(content.get("metadata") or {})}
        for index in indexes:
            self.outputs[index] = {**self.outputs[index], **changed}
            self._tell(OutputChange("replace", index, output=dict(self.outputs[index])))

    def _bounded(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what there is room for. A widget lives in the agent kernel and is dead anywhere else, so its text stands for it."""
        kept: dict[str, Any] = {}
        for mime, value in data.items():
            size = len(value) if isinstance(value, str) else 4 * len(json.dumps(value))  # which is what data take in memory
            if mime != WIDGET and size <= MAX_BUNDLE and self._displayed + size <= MAX_DISPLAYED:
                kept[mime] = value
                self._displayed += size
        if WIDGET in data:
            kept = {"text/plain": f"[widget, shown as text] {kept.get('text/plain', '')}".rstrip()}
        elif len(kept) < len(data) and "text/plain" not in kept:
            kept["text/plain"] = f"[too big to keep: {', '.join(sorted(data.keys() - kept.keys()))}]"
        return kept

    def _error(self, content: Mapping[str, Any]) -> None:
        self._settle_clear()
        error = {"output_type": "error", "ename": content["ename"], "evalue": content["evalue"], "traceback": list(content["traceback"])}
        self._add(error, always=True)

    def _clear_output(self, content: Mapping[str, Any]) -> None:
        self._clear_pending = True
        if not content.get("wait"):
            self._settle_clear()

    def _settle_clear(self) -> None:
        if not self._clear_pending:
            return
        self._clear_pending = False
        if len(self.outputs) == self._first:
            return
        del self.outputs[self._first :]
        for indexes in self._displays.values():
            indexes[:] = [index for index in indexes if index < self._first]
        self._tell(OutputChange("clear"))
        for index, output in enumerate(self.outputs):
            self._tell(OutputChange("add", index, output=dict(output)))

    def _add(self, output: Output, *, always: bool = False) -> None:
        if len(self.outputs) >= MAX_OUTPUTS and not always:
            self.dropped_outputs += 1
            return
        self.outputs.append(output)
        self._tell(OutputChange("add", len(self.outputs) - 1, output=dict(output)))

    def _tell(self, change: OutputChange) -> None:
        if self._watch is None or self.watch_error is not None:
            return
        try:
            self._watch(self._block, change)
        except Exception as error:
            self.watch_error = error


def _display_id(content: Mapping[str, Any]) -> str:
    return str((content.get("transient") or {}).get("display_id") or "")


_TAKES: dict[str, Callable[[OutputCollector, Mapping[str, Any]], None]] = {
    "stream": OutputCollector._stream,
    "display_data": OutputCollector._display_data,
    "execute_result": OutputCollector._execute_result,
    "update_display_data": OutputCollector._update_display_data,
    "error": OutputCollector._error,
    "clear_output": OutputCollector._clear_output,
}
