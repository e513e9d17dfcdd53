"""Model clients written for the classic: a class with ``create``, registered with an agent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from autogen_jupyter import AssistantAgent, Cache, OpenAIWrapper, UserProxyAgent
from autogen_jupyter.errors import ModelError, UsageError


class Parrot:
    """As the classic's documentation writes one."""

    def __init__(self, config: dict[str, Any], **kwargs: Any) -> None:
        self.config, self.word = config, kwargs.get("word", "")

    def create(self, params: dict[str, Any]) -> Any:
        said = params["messages"][-1]["content"]
        message = SimpleNamespace(content=f"{self.word}{said}", function_call=None)
        return SimpleNamespace(choices=[SimpleNamespace(message=message)], model=params["model"])

    def message_retrieval(self, response: Any) -> list[str]:
        return [choice.message.content for choice in response.choices]

    def cost(self, response: Any) -> float:
        return 0.25

    @staticmethod
    def get_usage(response: Any) -> dict[str, Any]:
        return {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "cost": 0.25, "model": response.model}


def agents() -> tuple[AssistantAgent, UserProxyAgent]:
    config = {"config_list": [{"model": "bird", "model_client_cls": "Parrot", "device": "cpu", "params": {"depth": 3}}]}
    return (
        AssistantAgent("assistant", llm_config=config),
        UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False),
    )


async def test_a_registered_class_answers_and_says_what_it_took() -> None:
    assistant, user = agents()
    assistant.register_model_client(model_client_cls=Parrot, word="squawk: ")
    result = await user.a_initiate_chat(assistant, message="hello", max_turns=1)
    assert result.chat_history[-1]["content"] == "squawk: hello"
    (row,) = result.usage
    assert (row["model"], row["prompt_tokens"], row["completion_tokens"], row["usd"]) == ("bird", 3, 4, 0.25)


def test_a_registered_class_answers_in_a_wrapper_with_options_and_without() -> None:
    entries = [{"model": "bird", "model_client_cls": "Parrot"}, {"model": "other", "model_client_cls": "Parrot", "temperature": 1}]
    wrapper = OpenAIWrapper(config_list=entries)
    wrapper.register_model_client(Parrot, word="first ")
    wrapper.register_model_client(Parrot, word="second ")
    hello = [{"role": "user", "content": "hello"}]
    assert wrapper.create(messages=hello).choices[0].message.content == "first hello"
    asked = wrapper.create(messages=hello, temperature=0, filter_func=lambda context, response: response.config_id == 1)
    assert asked.choices[0].message.content == "second hello"


@pytest.mark.parametrize(("identity", "asked"), [(None, 2), ("my parrot", 1)])
def test_its_answers_are_cached_where_it_says_who_it_is(identity: str | None, asked: int) -> None:
    questions: list[dict[str, Any]] = []

    class Listener(Parrot):
        cache_identity = identity

        def create(self, params: dict[str, Any]) -> Any:
            questions.append(params)
            return super().create(params)

    wrapper = OpenAIWrapper(config_list=[{"model": "bird", "model_client_cls": "Listener"}])
    wrapper.register_model_client(Listener)
    with Cache.in_memory() as cache:
        for _ in range(2):
            wrapper.create(messages=[{"role": "user", "content": "hello"}], cache=cache)
    assert len(questions) == asked


def test_a_registered_class_is_told_the_options_of_a_request() -> None:
    told: list[dict[str, Any]] = []

    class Listener(Parrot):
        def create(self, params: dict[str, Any]) -> Any:
            told.append(params)
            return super().create(params)

    wrapper = OpenAIWrapper(config_list=[{"model": "bird", "model_client_cls": "Listener", "top_p": 1}])
    wrapper.register_model_client(Listener)
    wrapper.create(messages=[{"role": "user", "content": "hello"}], temperature=0, top_p=0.5)
    assert (told[0]["temperature"], told[0]["top_p"]) == (0, 1)


@pytest.mark.parametrize("counts", [{}, None])
async def test_a_class_that_counts_no_tokens_still_says_what_it_cost(counts: dict[str, Any] | None) -> None:
    class Uncounted(Parrot):
        price = 0.0

        def cost(self, response: Any) -> float:
            return self.price

        @staticmethod
        def get_usage(response: Any) -> Any:
            return counts

    Uncounted.__name__ = "Parrot"
    assistant, user = agents()
    assistant.register_model_client(Uncounted)
    result = await user.a_initiate_chat(assistant, message="hello", max_turns=1)
    assert [f"{usage['total_cost']:.4f}" for usage in result.cost.values()] == ["0.0000", "0.0000"]
    Uncounted.price = 5
    result = await user.a_initiate_chat(assistant, message="hello", max_turns=1)
    assert result.cost["usage_including_cached_inference"]["total_cost"] == 5
    wrapper = OpenAIWrapper(config_list=[{"model": "bird", "model_client_cls": "Parrot"}])
    wrapper.register_model_client(Uncounted)
    assert (await wrapper.a_create(messages=[{"role": "user", "content": "hello"}])).cost == 5


def test_keys_and_addresses_are_told_when_it_is_made_and_not_with_each_request() -> None:
    told: list[dict[str, Any]] = []

    class Listener(Parrot):
        def create(self, params: dict[str, Any]) -> Any:
            told.extend((self.config, params))
            return super().create(params)

    connection = {"api_key": "k", "base_url": "http://x/v1", "api_type": "openai", "api_version": "v", "timeout": 120, "max_retries": 1}
    ours = {"tags": ["x"], "price": [0.1, 0.2], "cache_seed": None}
    kept = {"model": "bird", "model_client_cls": "Listener", "device": "cpu", "n": 1, "params": {"a": 1}}
    assistant = AssistantAgent("assistant", "S", llm_config={"config_list": [{**kept, **connection, **ours}], "temperature": 0.5})
    assistant.register_model_client(Listener)
    assistant.generate_reply([{"role": "user", "content": "hello"}])
    made, params = told
    assert made.items() >= (connection | ours).items()
    assert {name: value for name, value in params.items() if name != "messages"} == {**kept, "temperature": 0.5}


async def test_functions_and_calls_of_them_have_the_older_form_for_a_class_too() -> None:
    told: list[dict[str, Any]] = []

    class Caller(Parrot):
        def create(self, params: dict[str, Any]) -> Any:
            told.append(params)
            return super().create(params)

        def message_retrieval(self, response: Any) -> list[Any]:
            call = SimpleNamespace(name="look", arguments="{}")
            return [SimpleNamespace(content=None, function_call=call, tool_calls=None)] if len(told) == 1 else ["done"]

    look = {"name": "look", "description": "Look.", "parameters": {"type": "object", "properties": {}}}
    config = {"config_list": [{"model": "bird", "model_client_cls": "Caller"}], "functions": [look]}
    assistant = AssistantAgent("assistant", llm_config=config)
    assistant.register_model_client(Caller)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, function_map={"look": lambda: "a tree"})
    result = await user.a_initiate_chat(assistant, message="hello", max_turns=2)
    assert [(params["functions"], "tools" in params) for params in told] == [([look], False)] * 2
    assert result.chat_history[1]["function_call"] == {"arguments": "{}", "name": "look"}
    assert told[1]["messages"][-1] == {"role": "function", "name": "look", "content": "a tree"}


async def test_a_class_that_is_not_registered_is_an_error_that_says_how() -> None:
    assistant, user = agents()
    with pytest.raises(ModelError, match=r"agent\.register_model_client\(model_client_cls=Parrot\)"):
        await user.a_initiate_chat(assistant, message="hello", max_turns=1)


def test_a_class_that_no_entry_names_cannot_be_registered() -> None:
    assistant, _ = agents()
    with pytest.raises(UsageError, match="No entry of llm_config names int"):
        assistant.register_model_client(int)


async def test_what_the_class_raises_is_told_with_its_name() -> None:
    class Broken(Parrot):
        def create(self, params: dict[str, Any]) -> Any:
            raise OSError("no weights")

    Broken.__name__ = "Parrot"
    assistant, user = agents()
    assistant.register_model_client(Broken)
    with pytest.raises(ModelError, match="Parrot failed: OSError: no weights"):
        await user.a_initiate_chat(assistant, message="hello", max_turns=1)
