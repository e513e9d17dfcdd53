"""The part of an agent that says what it works with: its model, and where its code runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..kernels.base import CodeExecutor
from ..models.base import ModelClient
from ..models.cache import Cache, active_cache
from ..models.classic_client import registered
from ..replies.code import CodePolicy
from ..replies.model import ModelPolicy
from .openai_wrapper import OpenAIWrapper
from .usage import UsageCount

__all__ = ["Equipment"]


class Equipment(UsageCount):
    """What one agent has to work with."""

    _code_policy: CodePolicy | None
    _model_policy: ModelPolicy | None
    _client: OpenAIWrapper | None = None
    _first: tuple[ModelClient | None, object] = (None, None)
    """The model that it was made with, and its configuration."""

    if TYPE_CHECKING:  # what this needs of the agent that it is a part of

        def _tool_schemas(self) -> Sequence[Mapping[str, Any]]: ...

        def _tells_functions(self) -> bool: ...

    @property
    def name(self) -> str:
        raise NotImplementedError

    @property
    def model_client(self) -> ModelClient | None:
        """The model that writes its replies, if it has one."""
        return self._model_policy.client if self._model_policy else None

    @property
    def client(self) -> OpenAIWrapper | None:
        """What asks its model for one answer, as the classic's agents do: ``client.create(messages=…)``; None without a model.

        The model is told of the agent's tools, and what it takes is counted with the agent. A wrapper that is set is asked from now on,
        in replies with the agent's tools, and in ``create`` with its own.
        """
        model = self.model_client
        if model is not None and (self._client is None or self._client.model_client is not model):
            first, llm_config = self._first
            self._wrap(model, llm_config if model is first else None)
        return self._client

    @client.setter
    def client(self, client: OpenAIWrapper) -> None:
        if not isinstance(client, OpenAIWrapper):
            raise UsageError(f"The client of {self.name} is {client!r:.80}; it must be an OpenAIWrapper. Other models are for use_model.")
        self.use_model(client.model_client)
        client.count_with(self)
        self._client = client

    def _wrap(self, model: ModelClient, llm_config: object) -> None:
        self._client = OpenAIWrapper.around(model, llm_config, tools=self._tool_schemas, tells_functions=self._tells_functions, count=self)

    @property
    def client_cache(self) -> Cache | None:
        """The cache of the running chat, which ``client`` uses unasked."""
        return active_cache()

    def register_model_client(self, model_client_cls: type, **kwargs: Any) -> None:
        """Let a class of the classic's form (``create``, ``message_retrieval``, …) answer for the entry that names it.

        Args:
            model_client_cls: the class; an entry of ``config_list`` has its name as ``model_client_cls``.
            **kwargs: passed on to it, after the entry.

        Raises:
            UsageError: no entry names it.
        """
        registered(self.model_client, model_client_cls, kwargs)

    def use_model(self, client: ModelClient) -> None:
        """Let another model write the replies from now on; the conversations go on.

        Raises:
            UsageError: the agent was made without a model.
        """
        if self._model_policy is None:
            raise UsageError(f"{self.name} was made without a model (llm_config); make it with one to be able to change it.")
        self._model_policy.client = client

    def use_kernel(self, options: Mapping[str, Any]) -> None:
        """Let code run in another agent kernel from now on; closing the former executor is the caller's part.

        Args:
            options: those of ``KernelCodeExecutor``.

        Raises:
            UsageError: the agent was made to run no code.
        """
        from ..kernels import KernelCodeExecutor

        policy = self._code_policy
        if policy is None:
            raise UsageError(f"{self.name} was made to run no code (code_execution_config); make it with one to be able to change it.")
        policy.executor = KernelCodeExecutor(on_state=policy.kernel_changed, ask=policy.answer_code, **options)

    @property
    def code_executor(self) -> CodeExecutor | None:
        """Where it runs code, if it does."""
        executor = self._code_policy.executor if self._code_policy else None
        return getattr(executor, "given", executor)  # the user's own, where it is of the classic's form

    @property
    def use_docker(self) -> bool | None:
        """False where it runs code, which never happens in docker; None where it runs none."""
        return None if self._code_policy is None else False
