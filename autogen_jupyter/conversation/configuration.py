"""Read the classic's configuration dictionaries into what an agent is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..errors import UsageError
from ..human_input import InputAnswer, InputRequest
from ..kernels.base import CodeExecutor
from ..kernels.classic_form import ClassicExecutor, as_executor
from ..models.base import ModelClient
from ..replies.code import CodePolicy
from ..replies.tool_hiding import HideTools, checked_hiding

__all__ = ["as_code_policy", "as_model_client", "for_the_model", "hiding_in"]

_KEYS = ("executor", "kernel", "kernel_name", "last_n_messages", "server", "timeout", "use_docker", "work_dir")
_KINDS = {"commandline-local": "LocalCommandLineCodeExecutor", "ipython-embedded": "EmbeddedIPythonCodeExecutor"}
_NOT_FOR_THE_MODEL = ("allow_format_str_template", "functions", "hide_tools", "tools")


def as_model_client(llm_config: Mapping[str, Any] | ModelClient | bool | None, agent: str) -> ModelClient | None:
    """Return the model that an ``llm_config`` means, or None for no model.

    Raises:
        UsageError: the configuration is incomplete or has unknown keys.
    """
    if llm_config is None or llm_config is False:
        return None
    if isinstance(llm_config, Mapping):
        from ..models import client_from_llm_config

        return client_from_llm_config(for_the_model(llm_config))
    if isinstance(llm_config, bool) or not hasattr(llm_config, "stream"):
        raise UsageError(
            f"The llm_config of {agent} is {llm_config!r:.80}; it must be a dictionary such as "
            '{"config_list": [{"model": "…", "api_key": "…"}]}, a model client, or False for no model.'
        )
    return llm_config


def hiding_in(llm_config: Any) -> HideTools:
    """Return the classic's ``hide_tools`` of a configuration or of its first entry that has it."""
    if not isinstance(llm_config, Mapping):
        return "never"
    listed = llm_config.get("config_list")
    entries = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    return next((checked_hiding(entry["hide_tools"]) for entry in (llm_config, *entries) if "hide_tools" in entry), "never")


def for_the_model(llm_config: Mapping[str, Any]) -> dict[str, Any]:
    """Return an ``llm_config`` without what is for the agent."""
    made = {key: value for key, value in llm_config.items() if key not in _NOT_FOR_THE_MODEL}
    if isinstance(made.get("config_list"), list):
        made["config_list"] = [
            {key: value for key, value in entry.items() if key != "hide_tools"} if isinstance(entry, Mapping) else entry
            for entry in made["config_list"]
        ]
    return made


def as_code_policy(
    config: Mapping[str, Any] | CodeExecutor | bool | None, *, ask: Callable[[InputRequest], Awaitable[InputAnswer]]
) -> CodePolicy | None:
    """Return how code is run according to a ``code_execution_config``, or None where it is not.

    Raises:
        UsageError: unknown keys, or keys that exclude each other.
    """
    if config is None or config is False:
        return None
    if hasattr(config, "execute_code_blocks"):
        return CodePolicy(as_executor(config), ask=ask)  # type: ignore[arg-type]
    if not isinstance(config, Mapping):
        raise UsageError(f"code_execution_config is {config!r:.80}; it must be a dictionary, a code executor, or False.")
    unknown = sorted(set(config) - set(_KEYS) - set(_KINDS))
    if unknown:
        raise UsageError(f"code_execution_config has the unknown key {unknown[0]!r}; known are {', '.join(_KEYS)}.")
    last_n = config.get("last_n_messages", "auto")
    executor = config.get("executor")
    if executor is None:
        return _own_kernel(config, last_n, ask)
    extra = sorted(set(config) & {"kernel", "kernel_name", "server", "timeout", "use_docker", "work_dir"})
    if extra:
        raise UsageError(f"code_execution_config has an executor and also {extra[0]!r}; set that on the executor instead.")
    if isinstance(executor, str):
        executor = _by_name(executor, config)
    if not hasattr(executor, "execute_code_blocks"):
        raise UsageError(f"The executor is {executor!r:.80}; it must be a CodeExecutor, such as KernelCodeExecutor().")
    return CodePolicy(as_executor(executor), last_n_messages=last_n, ask=ask)


def _by_name(name: str, config: Mapping[str, Any]) -> ClassicExecutor:
    """Return an executor that the classic's factory knows by name; its options stand under that name."""
    from ..kernels import classic_executors

    if name not in _KINDS:
        raise UsageError(f"The executor is {name!r}; known names are {', '.join(sorted(_KINDS))}. Or give a CodeExecutor.")
    try:
        made: ClassicExecutor = getattr(classic_executors, _KINDS[name])(**config.get(name, {}))
    except TypeError as error:
        raise UsageError(f"code_execution_config[{name!r}] has an option that {_KINDS[name]} does not take: {error}.") from error
    return made


def _own_kernel(config: Mapping[str, Any], last_n: Any, ask: Callable[[InputRequest], Awaitable[InputAnswer]]) -> CodePolicy:
    """The code runs in an agent kernel of this agent's own, whose options stand under ``kernel``. ``use_docker`` has no effect."""
    from ..kernels import KernelCodeExecutor
    from ..kernels.classic_executors import made_folder

    policy: CodePolicy | None = None

    def on_state(state: Any, detail: str) -> None:
        if policy is not None:
            policy.kernel_changed(state, detail)

    async def answer(prompt: str, password: bool) -> str:
        return await policy.answer_code(prompt, password) if policy is not None else ""

    place = {name: config[name] for name in ("kernel_name", "server") if config.get(name)}
    work_dir = config.get("work_dir")
    options = {"timeout": config.get("timeout", 60), "cwd": work_dir, **place, **config.get("kernel", {})}
    if work_dir and options["cwd"] == work_dir and not options.get("server"):
        options["cwd"] = made_folder(work_dir)
    try:
        executor = KernelCodeExecutor(on_state=on_state, ask=answer, **options)
    except TypeError as error:
        raise UsageError(f"code_execution_config['kernel'] has an option that KernelCodeExecutor does not take: {error}.") from error
    policy = CodePolicy(executor, last_n_messages=last_n, ask=ask)
    return policy
