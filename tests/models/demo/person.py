"""The other side of the conversation: asks, runs the code that is proposed, and reports what came out."""

from __future__ import annotations

import contextlib
import io
import re
import traceback
import warnings
from dataclasses import dataclass, field
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from autogen_jupyter.code_blocks import extract_code_blocks
from autogen_jupyter.models.demo import reply

_MOST_MESSAGES = 8


@dataclass
class Person:
    """Talks with the demo model and really runs its code, all blocks in one namespace.

    Example:
        >>> Person().ask("Describe data/penguins.csv").numbers
    """

    namespace: dict[str, Any] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=lambda: [{"role": "system", "content": "You are a helpful AI assistant."}])
    codes: list[str] = field(default_factory=list)
    """The code blocks of the last request."""
    exit_codes: list[int] = field(default_factory=list)
    figures: int = 0
    """Figures that the last request's successful runs left open."""

    def ask(self, request: str) -> Person:
        """Say something and go on until the demo model writes no more code."""
        self.codes, self.exit_codes, self.figures = [], [], 0
        self.messages.append({"role": "user", "content": request})
        for _ in range(_MOST_MESSAGES):
            text = reply(self.messages)
            self.messages.append({"role": "assistant", "content": text})
            blocks = extract_code_blocks(text)
            if not blocks:
                return self
            assert [block.language for block in blocks] == ["python"]
            self.messages.append({"role": "user", "content": self.run(blocks[0].code)})
        raise AssertionError(f"no end after {_MOST_MESSAGES} messages: {self.messages[-2]['content']}")

    def run(self, code: str) -> str:
        """Run code as the agent kernel does and return the text that the model reads."""
        self.namespace.setdefault("display", print)
        self.codes.append(code)
        printed, exit_code = io.StringIO(), 0
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")
            try:
                exec(compile(code, "<cell>", "exec"), self.namespace)
            except Exception:
                exit_code = 1
                printed.write(traceback.format_exc())
        self.exit_codes.append(exit_code)
        self.figures += 0 if exit_code else len(plt.get_fignums())
        plt.close("all")
        outcome = "failed" if exit_code else "succeeded"
        return f"exitcode: {exit_code} (execution {outcome})\nCode output: {printed.getvalue()}"

    @property
    def answer(self) -> str:
        """The last message."""
        return str(self.messages[-1]["content"])

    @property
    def said(self) -> list[str]:
        """All messages of the demo model."""
        return [str(message["content"]) for message in self.messages if message["role"] == "assistant"]

    def row(self, start: str) -> list[float]:
        """Return the numbers of the answer's table row that begins with this cell."""
        line = next(line for line in self.answer.splitlines() if line.startswith(f"| {start} |"))
        cells = [cell.strip().replace(",", "").replace("−", "-") for cell in line.strip("|").split(" | ")[1:]]
        return [float(cell) for cell in cells if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)]
