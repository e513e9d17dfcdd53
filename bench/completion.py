"""How long a Tab takes in a notebook with 5,000 variables: milliseconds of our matcher, median and worst of 50.

Run: ``python bench/completion.py``
"""

from __future__ import annotations

import statistics
import time

from IPython.core.completer import CompletionContext
from IPython.core.interactiveshell import InteractiveShell

from autogen_jupyter.notebook import extension

CELLS = ("%%agentchat --a", "%%agentchat ", "%%agentchat -i v", "%%agentchat\nshow {v", "%%agentchat\nplain words")


def main() -> None:
    shell = InteractiveShell()
    extension.load(shell)
    shell.user_ns.update({f"v{number}": number for number in range(5_000)})
    matcher = shell.Completer.custom_matchers[0]
    for cell in CELLS:
        line = cell.split("\n")[-1]
        context = CompletionContext(full_text=cell, cursor_position=len(line), cursor_line=cell.count("\n"), token="", limit=500)
        took = []
        for _ in range(50):
            started = time.perf_counter()
            matcher(context)
            took.append((time.perf_counter() - started) * 1_000)
        print(f"{cell!r:32} {statistics.median(took):6.2f} ms, at most {max(took):6.2f} ms")


if __name__ == "__main__":
    main()
