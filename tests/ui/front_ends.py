"""Every kind of question, asked by a real conversation and answered in the way that a front end has: the rows of a table in the docs."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import nbformat
import papermill
import pexpect

from ..headless import environment, run_cells, text_of
from .jupyter import Notebook

IPYKERNELS = ("6.30.1", "7.3.0", "7.4.0")
KINDS = {"approval": "approval", "reply": "reply", "choice": "choice", "password": "password", "generated input()": "text"}
"""What the table calls the kinds of question."""
DOORS = {"widget": "click", "stdin": "keyboard", "script": "program"}

SETUP = """
%load_ext autogen_jupyter
import ipykernel
from autogen_jupyter import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager, UserProxyAgent
from autogen_jupyter import ScriptedInput, ScriptedModel, Session
from autogen_jupyter.events import InputReceived, InputRequested
from autogen_jupyter.session.session import subscribe_everywhere

kinds, answered = {}, []
def note(event):
    if isinstance(event, InputRequested):
        kinds[event.request.id] = event.request.kind
    elif isinstance(event, InputReceived):
        answered.append(f"{kinds[event.request_id]} by {event.answer.via}")
_end = subscribe_everywhere(note)
"""
CODE = "```python\nimport getpass\nname = input('Your name? ')\nword = getpass.getpass('Password: ')\nprint(name, len(word))\n```"
AGENTS = f"""
bot = AssistantAgent("assistant", llm_config=ScriptedModel([{CODE!r}, "What next?", "Good bye. TERMINATE"]))
user = UserProxyAgent("user", human_input_mode="ALWAYS")
planner = ConversableAgent("planner", llm_config=ScriptedModel(["A plan."]), human_input_mode="NEVER")
coder = ConversableAgent("coder", llm_config=ScriptedModel(["A program."]), human_input_mode="NEVER")
group = GroupChat(agents=[planner, coder], messages=[], max_round=2, speaker_selection_method="manual", allow_repeat_speaker=True)
"""
REPORT = 'print("versions", ipykernel.__version__, "doors", ", ".join(answered))\n'
TALK = f"""{AGENTS}
await user.a_initiate_chat(bot, message="Begin.")
await planner.a_initiate_chat(GroupChatManager(groupchat=group), message="Who?")
{REPORT}"""
BY_A_PROGRAM = f"""{AGENTS}
session = Session(door=ScriptedInput(["", "Ada", "s3cret", "Go on, please.", "exit", "coder"]))
await session.run(lambda: user.a_initiate_chat(bot, message="Begin."))
await session.run(lambda: planner.a_initiate_chat(GroupChatManager(groupchat=group), message="Who?"))
{REPORT}"""
PATIENCE = 60_000
"""Milliseconds for a question to appear."""


@dataclass(frozen=True)
class Row:
    """How each kind of question was answered in a front end."""

    front_end: str
    ipykernel: str
    doors: tuple[str, ...]

    def __str__(self) -> str:
        return f"| {' | '.join((self.front_end, self.ipykernel, *self.doors))} |"


def row(front_end: str, said: str, ipykernel: str = "") -> Row:
    """Read what the conversation's cell printed in the end."""
    match = re.search(r"versions (\S+) doors ([\w ,]+)", said)
    assert match is not None, said
    doors = dict(part.split(" by ") for part in match[2].strip().split(", "))
    return Row(front_end, ipykernel or match[1], tuple(DOORS[doors[kind]] for kind in KINDS.values()))


def by_clicks(notebook: Notebook, ipykernel: str) -> Row:
    """Answer each question in its view while the cell runs."""
    notebook.open([SETUP, TALK], kernel=notebook.server.add_kernel(ipykernel))
    notebook.run_cell(0)
    notebook.run_cell(1)
    view = notebook.chat.last
    view.get_by_role("button", name="Run", exact=True).click(timeout=PATIENCE)
    for label, text in (("Your name?", "Ada"), ("Password:", "s3cret"), ("Your reply", "Go on, please.")):
        view.get_by_label(label).fill(text, timeout=PATIENCE)
        view.get_by_role("button", name="Send", exact=True).click()
    view.get_by_role("button", name="End chat").click(timeout=PATIENCE)
    view.get_by_role("button", name="coder", exact=True).click(timeout=PATIENCE)
    notebook.wait_for_text(1, "choice by")
    return row("JupyterLab 4" if notebook.server.app == "lab" else "Notebook 7", notebook.cell_text(1))


def by_keyboard(folder: Path) -> Row:
    """Answer each question by typing in terminal IPython."""
    script = folder / "talk.ipy"
    script.write_text(SETUP + TALK)
    variables = environment(TERM="dumb", IPYTHONDIR=str(folder / "ipython"), NO_COLOR="1")
    command = ["-m", "IPython", "--simple-prompt", "--colors=NoColor", str(script)]
    child = pexpect.spawn(sys.executable, command, env=variables, cwd=str(folder), encoding="utf-8", timeout=60, dimensions=(60, 400))
    answers = [
        ("Press enter", ""),
        ("Your name", "Ada"),
        ("Password", "s3cret"),
        ("Press enter", "Go on, please."),
        ("Press enter", "exit"),
        ("coder", "coder"),
    ]
    for question, answer in answers:
        child.expect(question)
        if question == "Password":
            child.waitnoecho()
        child.sendline(answer)
    child.expect(r"versions [^\r\n]*choice by \w+")
    said = str(child.after)
    child.expect(pexpect.EOF)
    child.close()
    return row("IPython, terminal", said, "–")


def by_nbclient(folder: Path) -> Row:
    """Answer each question by a program, in a notebook that nbclient runs."""
    notebook = run_cells(SETUP, BY_A_PROGRAM, folder=folder)
    return row("nbclient", text_of(notebook.cells[-1]), "–")


def by_papermill(folder: Path) -> Row:
    """Answer each question by a program, in a notebook that papermill runs."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (SETUP, BY_A_PROGRAM)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    source, target = folder / "in.ipynb", folder / "out.ipynb"
    nbformat.write(notebook, source)
    papermill.execute_notebook(str(source), str(target), cwd=str(folder), progress_bar=False)
    return row("papermill", "".join(map(text_of, nbformat.read(target, 4).cells)), "–")


HEADLESS = {"terminal": by_keyboard, "nbclient": by_nbclient, "papermill": by_papermill}


def table(rows: Sequence[Row]) -> str:
    head = ("front end", "ipykernel", *(f"`{kind}`" if "(" in kind else kind for kind in KINDS))
    measured = ", ".join(f"{name} {version(name.lower())}" for name in ("JupyterLab", "Notebook", "IPython", "nbclient", "papermill"))
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *map(str, rows), "", f"Measured with {measured}."])
