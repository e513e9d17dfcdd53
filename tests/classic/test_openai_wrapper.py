"""One request by the classic's OpenAIWrapper, and what agents' models took."""

from __future__ import annotations

import httpx2
import pytest

from autogen_jupyter import ConversableAgent, ModelReply, OpenAIWrapper, ScriptedModel, Usage, gather_usage_summary
from autogen_jupyter.errors import UsageError

from ..models.endpoints import Endpoint, chunk, streaming

HELLO = [{"role": "user", "content": "Hi"}]
USED = {"cost": 0.003, "prompt_tokens": 1000, "completion_tokens": 1000, "total_tokens": 2000}


def wrapper(endpoint: Endpoint, **entry: object) -> OpenAIWrapper:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(endpoint))
    listed = {"model": "m", "base_url": "http://models.example/v1", "api_key": "k", "http_client": client, "price": [0.001, 0.002]}
    return OpenAIWrapper(config_list=[listed | entry])


def answering(**delta: object) -> Endpoint:
    return Endpoint(streaming(chunk(**delta), chunk(finish="stop", usage={"prompt_tokens": 1000, "completion_tokens": 1000})))


def test_an_answer_has_the_shape_of_the_openai_library() -> None:
    client = wrapper(answering(content="Hello."))
    response = client.create(messages=HELLO)
    assert response.choices[0].message.content == "Hello."
    assert response.usage.total_tokens == 2000
    assert response.cost == pytest.approx(0.003)
    assert client.extract_text_or_completion_object(response) == ["Hello."]


def test_options_are_sent_and_an_entrys_own_value_wins() -> None:
    endpoint = answering(content="Hello.")
    wrapper(endpoint, temperature=0.9).create(messages=HELLO, temperature=0.1, top_p=0.5)
    assert (endpoint.bodies[0]["temperature"], endpoint.bodies[0]["top_p"]) == (0.9, 0.5)


def test_tool_calls_come_as_the_whole_message() -> None:
    call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    client = wrapper(answering(tool_calls=[call]))
    schema = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
    [message] = client.extract_text_or_completion_object(client.create(messages=HELLO, tools=[schema]))
    assert message.tool_calls[0].function.name == "add"


def test_usage_adds_up_and_can_be_cleared(capsys: pytest.CaptureFixture[str]) -> None:
    client = wrapper(answering(content="Hello."))
    assert client.total_usage_summary is None
    client.create(messages=HELLO)
    client.create(messages=HELLO)
    assert client.total_usage_summary["total_cost"] == pytest.approx(0.006)
    client.print_usage_summary()
    assert "total cost 0.00600 USD" in capsys.readouterr().out
    client.clear_usage_summary()
    assert client.actual_usage_summary is None


def test_create_without_messages_is_an_error() -> None:
    with pytest.raises(UsageError, match="create needs messages"):
        wrapper(answering()).create(prompt="Hi")


def answers(*prices: float | None) -> ScriptedModel:
    return ScriptedModel([ModelReply("Hi.", "m", usage=Usage(1000, 1000, price)) for price in prices])


def test_an_agent_says_what_its_model_took(capsys: pytest.CaptureFixture[str]) -> None:
    agent = ConversableAgent("agent", llm_config=answers(0.003))
    assert agent.get_actual_usage() is None
    agent.generate_reply(HELLO)
    assert agent.get_total_usage() == agent.get_actual_usage() == {"total_cost": 0.003, "m": USED}
    agent.print_usage_summary()
    assert "Agent 'agent': total cost 0.00300 USD" in capsys.readouterr().out
    agent.reset()
    assert agent.get_actual_usage() is None


def test_the_usage_of_several_agents_is_gathered() -> None:
    agents = [ConversableAgent(name, llm_config=answers(0.003)) for name in ("a", "b")]
    for agent in agents:
        agent.generate_reply(HELLO)
    gathered = gather_usage_summary([*agents, ConversableAgent("without_a_model")])
    assert gathered["usage_excluding_cached_inference"]["total_cost"] == pytest.approx(0.006)
    assert gathered["usage_including_cached_inference"]["m"]["total_tokens"] == 4000


def test_a_price_that_is_not_known_is_not_zero() -> None:
    agent = ConversableAgent("agent", llm_config=answers(None))
    agent.generate_reply(HELLO)
    assert agent.get_actual_usage()["total_cost"] is None


def two(*texts: str) -> OpenAIWrapper:
    listed = []
    for text in texts:
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(answering(content=text)))
        listed.append({"model": text, "base_url": "http://models.example/v1", "api_key": "k", "http_client": client})
    return OpenAIWrapper(config_list=listed)


def test_an_answer_that_does_not_pass_the_filter_lets_the_next_model_try() -> None:
    def yes_or_no(context: dict[str, str], response: object) -> bool:
        return response.choices[0].message.content in context["wanted"]  # type: ignore[attr-defined]

    good = two("maybe", "yes").create(messages=HELLO, filter_func=yes_or_no, context={"wanted": "yes"})
    assert (good.choices[0].message.content, good.config_id, good.pass_filter) == ("yes", 1, True)
    last = two("maybe", "perhaps").create(messages=HELLO, filter_func=yes_or_no, context={"wanted": "yes"})
    assert (last.choices[0].message.content, last.config_id, last.pass_filter) == ("perhaps", 1, False)
    assert last.message_retrieval_function(last) == ["perhaps"]


def test_contents_are_filled_in_from_the_context() -> None:
    endpoint = answering(content="Hello.")
    asked = [{"role": "user", "content": lambda context: context["who"]}, {"role": "user", "content": "{who}?"}]
    wrapper(endpoint).create(messages=asked, context={"who": "Ann"}, allow_format_str_template=True)
    assert [message["content"] for message in endpoint.bodies[0]["messages"]] == ["Ann", "Ann?"]
