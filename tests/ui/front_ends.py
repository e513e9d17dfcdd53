"""Every kind of question, asked by a real conversation and answered in the ways that a front end has."""

from __future__ import annotations

from .jupyter import Notebook

KINDS = ("approval", "generated input()", "password", "reply", "choice")
SETUP = """
%load_ext autogen_jupyter
import ipykernel
from autogen_jupyter import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager, ScriptedModel, UserProxyAgent
from autogen_jupyter.events import InputReceived, InputRequested
from autogen_jupyter.session.session import subscribe_everywhere

kinds, answered = {}, []
def note(event):
    if isinstance(event, InputRequested):
        kinds[event.request.id] = event.request.kind
    elif isinstance(event, InputReceived):
        answered.append(f"{kinds[event.request_id]} by {event.answer.via}")
subscribe_everywhere(note)
"""
CODE = "```python\nimport getpass\nname = input('Your name? ')\nword = getpass.getpass('Password: ')\nprint(name, len(word))\n```"
TALK = f"""
bot = AssistantAgent("assistant", llm_config=ScriptedModel([{CODE!r}, "What next?", "Good bye. TERMINATE"]))
user = UserProxyAgent("user", human_input_mode="ALWAYS")
await user.a_initiate_chat(bot, message="Begin.")

planner = ConversableAgent("planner", llm_config=ScriptedModel(["A plan."]), human_input_mode="NEVER")
coder = ConversableAgent("coder", llm_config=ScriptedModel(["A program."]), human_input_mode="NEVER")
group = GroupChat(agents=[planner, coder], messages=[], max_round=2, speaker_selection_method="manual", allow_repeat_speaker=True)
await planner.a_initiate_chat(GroupChatManager(groupchat=group), message="Who?")
print(ipykernel.__version__, "|", ", ".join(answered))
"""
EXPECTED = "approval by {door}, text by {door}, password by {door}, reply by {door}, reply by {door}, choice by {door}"


def answer_by_clicks(notebook: Notebook, kernel: str) -> str:
    """Answer each question of the conversation in its view while the cell runs; return what the cell says of the doors."""
    notebook.open([SETUP, TALK], kernel=kernel)
    notebook.run_cell(0)
    notebook.run_cell(1)
    view = notebook.chat.last
    patient = 30_000
    view.get_by_role("button", name="Run", exact=True).click(timeout=patient)
    for label, text in (("Your name?", "Ada"), ("Password:", "s3cret"), ("Your reply", "Go on, please.")):
        view.get_by_label(label).fill(text, timeout=patient)
        view.get_by_role("button", name="Send", exact=True).click()
    view.get_by_role("button", name="End chat").click(timeout=patient)
    notebook.chat.last.get_by_role("button", name="coder", exact=True).click(timeout=patient)
    notebook.wait_for_text(1, "choice by", timeout=30)
    return notebook.cell_text(1).strip().splitlines()[-1]
