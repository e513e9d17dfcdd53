"""Agents of the user's own that ask their model by ``self.client``, as the classic's examples do."""

from __future__ import annotations

import copy

import httpx2
import pytest

from autogen_jupyter import Agent, Cache, ConversableAgent, ModelReply, OpenAIWrapper, ScriptedModel, Usage, UsageError
from tests.models.endpoints import Endpoint, chunk, streaming

HELLO = [{"role": "user", "content": "Hi"}]


class Custom(ConversableAgent):
    def __init__(self, name, **options):
        super().__init__(name, human_input_mode="NEVER", **options)
        self.register_reply([Agent, None], Custom.answer)

    def answer(self, messages=None, sender=None, config=None):
        client = self.client if config is None else config
        if client is None:
            return False, None
        response = client.create(
            context=messages[-1].pop("context", None), messages=self._oai_system_message + messages, cache=self.client_cache, agent=self
        )
        return True, client.extract_text_or_completion_object(response)[0] + "!"


def talker(name, **options):
    return ConversableAgent(name, human_input_mode="NEVER", **options)


def saying(text):
    return Endpoint(lambda _: streaming(chunk(content=text), chunk(finish="stop")))


def config(endpoint, **more):
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(endpoint))
    return {"config_list": [{"model": "m", "base_url": "http://models.example/v1", "api_key": "k", "http_client": client}], **more}


def test_a_reply_function_asks_the_agents_model_by_its_client():
    endpoint = saying("Hello")
    agent = Custom("agent", system_message="Be kind.", llm_config=config(endpoint, temperature=0.3))
    result = talker("user").initiate_chat(agent, message="Hi", max_turns=1, silent=True)
    assert result.summary == "Hello!"
    assert [one["content"] for one in endpoint.bodies[0]["messages"]] == ["Be kind.", "Hi"]
    assert endpoint.bodies[0]["temperature"] == 0.3


def test_an_agent_without_a_model_has_no_client():
    assert talker("agent").client is None
    agent = Custom("agent", default_auto_reply="nothing")
    assert talker("user").initiate_chat(agent, message="Hi", max_turns=1, silent=True).summary == "nothing"


def test_what_the_client_takes_is_counted_with_the_agent_and_in_the_chat():
    model = ScriptedModel([ModelReply(text, "m", usage=Usage(10, 5, 0.25)) for text in ("a", "b")])
    agent = Custom("agent", llm_config=model)
    result = talker("user").initiate_chat(agent, message="Hi", max_turns=1, silent=True)
    assert agent.client.total_usage_summary == agent.get_total_usage()
    assert agent.client.actual_usage_summary["total_cost"] == 0.25
    assert [(row["agent"], row["usd"]) for row in result.usage] == [("agent", 0.25)]
    agent.client.create(messages=HELLO)
    assert agent.get_actual_usage()["total_cost"] == 0.5
    agent.client.clear_usage_summary()
    assert agent.get_actual_usage() is None


def test_the_client_prints_what_was_taken(capsys):
    agent = talker("agent", llm_config=ScriptedModel([ModelReply("a", "m", usage=Usage(10, 5, 0.25))]))
    agent.client.create(messages=HELLO)
    agent.client.print_usage_summary()
    assert "total cost 0.25000 USD" in capsys.readouterr().out


def test_the_client_tells_the_model_of_the_agents_tools():
    endpoint = saying("ok")
    agent = talker("agent", llm_config=config(endpoint))

    @agent.register_for_llm(description="Add.")
    def add(a: int, b: int) -> int:
        return a + b

    agent.client.create(messages=HELLO)
    agent.client.create(messages=HELLO, tools=[])
    OpenAIWrapper(**agent.llm_config).create(messages=HELLO)
    assert [[tool["function"]["name"] for tool in body.get("tools", ())] for body in endpoint.bodies] == [["add"], [], ["add"]]


def test_options_go_to_the_model_whatever_it_was_made_from():
    endpoint = saying("ok")
    made, given = talker("made", llm_config=config(endpoint)), talker("given", llm_config=endpoint.client())
    for agent in (made, given):
        assert agent.client.create(messages=HELLO, temperature=0.7).choices[0].message.content == "ok"
    assert [body["temperature"] for body in endpoint.bodies] == [0.7, 0.7]


def test_a_wrapper_that_is_set_becomes_the_agents_model():
    endpoint = saying("new")
    agent = talker("agent", llm_config=ScriptedModel(["old"]))
    agent.client = wrapper = OpenAIWrapper(**config(endpoint, temperature=0.9))
    result = talker("user").initiate_chat(agent, message="Hi", max_turns=1, silent=True)
    assert result.summary == "new"
    assert endpoint.bodies[0]["temperature"] == 0.9
    assert agent.client is wrapper
    assert agent.model_client is wrapper.model_client
    assert wrapper.total_usage_summary == agent.get_total_usage() is not None


def test_the_client_follows_another_model():
    agent = talker("agent", llm_config=ScriptedModel(["old"]))
    assert agent.client is agent.client
    agent.use_model(ScriptedModel(["new"]))
    assert agent.client.create(messages=HELLO).choices[0].message.content == "new"


def test_what_is_no_wrapper_or_for_an_agent_without_a_model_is_refused():
    with pytest.raises(UsageError, match=r"it must be an OpenAIWrapper.*use_model"):
        talker("agent", llm_config=ScriptedModel([])).client = ScriptedModel([])
    with pytest.raises(UsageError, match="was made without a model"):
        talker("agent").client = OpenAIWrapper(**config(saying("x")))


def test_the_system_message_can_be_read_and_changed_under_the_classics_private_name():
    agent = talker("agent", system_message="Be kind.")
    assert agent._oai_system_message == [{"content": "Be kind.", "role": "system"}]
    agent._oai_system_message[0]["content"] = "Be brief."
    assert agent.system_message == "Be brief."
    assert type(copy.deepcopy(agent._oai_system_message[0])) is dict


async def test_client_cache_is_the_running_chats():
    seen = []
    agent, cache = talker("agent"), Cache.in_memory()
    agent.register_reply([Agent, None], lambda me, messages=None, sender=None, config=None: (seen.append(me.client_cache), (True, "x"))[1])
    await talker("user").a_initiate_chat(agent, message="Hi", max_turns=1, silent=True, cache=cache)
    assert (seen, agent.client_cache) == ([cache], None)
