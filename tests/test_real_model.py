"""The same conversation with a real llama.cpp server: streamed text, code in a real kernel, a plot, an end."""

from __future__ import annotations

from pathlib import Path

from autogen_jupyter import AssistantAgent, Session, UserProxyAgent
from autogen_jupyter.events import MessageDelta, ReplyStarted, UsageRecorded

from .headless import run_cells, text_of


async def test_two_agents_analyse_with_a_real_server_and_a_real_kernel(llama_server: str) -> None:
    config = {"config_list": [{"model": "scripted", "base_url": llama_server, "api_key": "none"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent(
        "user",
        human_input_mode="NEVER",
        code_execution_config={"timeout": 60},
        is_termination_msg=lambda message: "TERMINATE" in (message["content"] or ""),
    )
    session, events = Session(approval="never"), []
    session.subscribe(events.append)
    try:
        result = await session.run(lambda: user.a_initiate_chat(assistant, message="Analyse the data and plot it."))
    finally:
        await user.code_executor.close()
    assert [message["role"] for message in result.chat_history] == ["assistant", "user", "assistant", "user"]
    assert "mean: 3.875" in result.chat_history[2]["content"]
    assert any("image/png" in output.get("data", {}) for output in result.outputs)
    assert result.stop_reason == "assistant said TERMINATE"
    first = next(event for event in events if isinstance(event, ReplyStarted))
    deltas = [event.text for event in events if isinstance(event, MessageDelta) and event.message_id == first.message_id]
    assert first.is_language_model
    assert len(deltas) > 5
    assert "".join(deltas) == result.chat_history[1]["content"]
    assert all(event.prompt_tokens and event.completion_tokens for event in events if isinstance(event, UsageRecorded))


def test_the_magic_uses_the_configured_server(llama_server: str, tmp_path: Path) -> None:
    notebook = run_cells(
        "%%agentchat --approve never\nAnalyse the data and plot it.",
        "print(_.stop_reason)\nprint(_.summary)",
        folder=tmp_path,
        OPENAI_BASE_URL=llama_server,
        OPENAI_API_KEY="none",
        OPENAI_MODEL="scripted",
    )
    chat, result = notebook.cells[1:]
    assert "assistant has answered" in text_of(result)
    assert "mean of 3.875" in text_of(result)
    assert "data:image/png;base64," in chat.outputs[0].data["text/html"]
    assert "not a language model" not in chat.outputs[0].data["text/html"]
