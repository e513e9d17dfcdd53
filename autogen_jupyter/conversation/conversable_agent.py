"""The agent that all others are made from: it has a name, remembers conversations, and finds replies by its policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..agent import Agent
from ..code_blocks import CodeBlock
from ..context import enter, silenced
from ..errors import UsageError
from ..human_input import InputAnswer, InputRequest
from ..kernels.base import CodeExecutor
from ..messages import Message
from ..models.base import ModelClient
from ..portal import call, on_portal, run_sync
from ..replies.base import Reply, ReplyPolicy, Stop, Turn
from ..replies.human import HumanInputMode, HumanPolicy, IsTermination
from ..replies.model import ModelPolicy
from ..replies.tool_loop import ToolLoop
from ..replies.tools import ToolPolicy
from .chat_result import heard_from_human
from .chat_starter import ChatStarter
from .classic_replies import ClassicReplies, as_classic
from .code_runs import CodeRuns
from .configuration import as_code_policy, as_model_client, hiding_in
from .correspondence import Correspondent
from .equipment import Equipment
from .guardrails import Guarded
from .handoffs import Handoffs
from .history import History
from .hooks import Hooks
from .lent_tools import lent_to
from .memory import Memory
from .overrides import replaced_in
from .reply_order import EVERYBODY
from .running import Runner
from .several_chats import SeveralChats
from .state import Stateful
from .structured import StructuredAnswers, type_in, without_type
from .system_message import SystemMessage
from .templates import told_with_blanks_filled
from .tool_registry import ToolRegistry
from .transit import without_transit
from .usage import UsageCount

__all__ = ["ConversableAgent"]


class ConversableAgent(
    Memory,
    Guarded,
    Equipment,
    CodeRuns,
    ClassicReplies,
    ToolRegistry,
    StructuredAnswers,
    Correspondent,
    ChatStarter,
    SeveralChats,
    Runner,
    UsageCount,
    Stateful,
):
    """An agent that converses: with a model, a person, tools, code, or any mix of them.

    Args:
        name: what the others call it; no white space.
        system_message: what its model is told first.
        is_termination_msg: predicate over a received message (a dictionary); true ends the conversation. Default: the content is
            exactly ``"TERMINATE"``.
        max_consecutive_auto_reply: automatic replies in a row to one sender. Default: ``MAX_CONSECUTIVE_AUTO_REPLY``.
        human_input_mode: ``"ALWAYS"`` asks the person at every message, ``"TERMINATE"`` at a termination message or the limit,
            ``"NEVER"`` never.
        function_map: functions it can call, by name.
        code_execution_config: False (no code), or a dictionary with ``executor`` (a CodeExecutor) or ``timeout`` (seconds) and
            ``work_dir``, and ``last_n_messages`` (``"auto"`` or a number).
        llm_config: False or None (no model), the classic's dictionary, or a ``ModelClient``.
        default_auto_reply: the reply when no policy has one; None ends the conversation.
        description: what others are told about it. Default: the system message.
        chat_messages: earlier histories, by agent; used with ``clear_history=False``.
        silent: show nothing of what it says; False shows it also in silent chats. Default: as the chat was begun.
        tools: functions that its model may ask for and that it runs itself.
        functions: functions that its model may ask for; another agent runs them.
        response_format: the type that its model's answers must have, such as a pydantic model; also taken from ``llm_config``.
        sees_images: whether its model is shown the images that people write as ``<img path-or-address>``, and the plots of code that
            is run for it.
        context_variables: what its tools share; in a group that follows a pattern, that group's.

    Raises:
        UsageError: an argument cannot work; the message says which and what to do.

    Example:
        >>> from autogen_jupyter import ConversableAgent, ScriptedModel
        >>> cathy = ConversableAgent("cathy", llm_config=ScriptedModel(["Why did the kernel cross the road?"]), human_input_mode="NEVER")
        >>> joe = ConversableAgent("joe", human_input_mode="NEVER")
        >>> joe.initiate_chat(cathy, message="Tell me a joke.", max_turns=1).summary
        'Why did the kernel cross the road?'

    The semantics are those of AutoGen 0.2's class of the same name.
    """

    MAX_CONSECUTIVE_AUTO_REPLY = 100
    DEFAULT_CONFIG: Mapping[str, Any] | bool = False

    def __init__(
        self,
        name: str,
        system_message: str | None = "You are a helpful AI Assistant.",
        is_termination_msg: IsTermination | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: HumanInputMode = "TERMINATE",
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        code_execution_config: Mapping[str, Any] | CodeExecutor | bool = False,
        llm_config: Mapping[str, Any] | ModelClient | bool | None = None,
        default_auto_reply: str | Mapping[str, Any] | None = "",
        description: str | None = None,
        chat_messages: Mapping[Agent, Sequence[Mapping[str, Any]]] | None = None,
        silent: bool | None = None,
        *,
        tools: Sequence[Callable[..., Any]] = (),
        functions: Sequence[Callable[..., Any]] = (),
        response_format: Any = None,
        sees_images: bool = False,
        context_variables: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(name, str) or not name or name != "".join(name.split()):
            raise UsageError(
                f"An agent is named {name!r}; a name is text without white space, such as {''.join(str(name).split()) or 'coder'!r}."
            )
        self._name = name
        self._replaced = replaced_in(type(self), ConversableAgent)
        self._system_message = system_message or ""
        self.description = description if description is not None else self._system_message
        llm_config = self.DEFAULT_CONFIG if llm_config is None else llm_config
        self.llm_config = dict(llm_config) if isinstance(llm_config, Mapping) else llm_config
        self.silent = silent
        if not (default_auto_reply is None or isinstance(default_auto_reply, (str, Mapping))):
            raise UsageError(f"default_auto_reply is {default_auto_reply!r:.80}; it must be text, a dictionary or None.")
        self._default_auto_reply = default_auto_reply
        self._answers: dict[Agent, bool] = {}
        self._human_input: list[str] = []
        self._hooks = Hooks()
        self._sees_images = sees_images
        client = as_model_client(without_type(self.llm_config), name)
        self._take_guardrails()
        self.handoffs = Handoffs()
        """Whom it hands over to in a group that follows a pattern."""
        self._model_policy = (
            ModelPolicy(
                client,
                system_message=lambda: self._system_message,
                tools=self._tool_schemas,
                tells_functions=self._tells_functions,
                sees_images=sees_images,
                hide_tools=hiding_in(self.llm_config),
                told=self._told,
            )
            if client is not None
            else None
        )
        if client is not None:
            self._first = client, self.llm_config
            self._wrap(client, self.llm_config)
        self._tool_policy = ToolPolicy(
            {},
            ask=self._ask_human,
            owner=self,
            settle=self._settle,
            own_way=lambda: self._overridden("a_execute_function", "execute_function"),
            lent=lambda: lent_to(self).runs,
        )
        self._code_policy = as_code_policy(code_execution_config, ask=self._ask_human)
        limit = self.MAX_CONSECUTIVE_AUTO_REPLY if max_consecutive_auto_reply is None else max_consecutive_auto_reply
        self._human_policy = HumanPolicy(
            mode=human_input_mode,
            ask=self._ask_human,
            is_termination=is_termination_msg,
            limit=limit,
            proposed_code=self._proposed_code,
        )
        self.register_function(function_map or {})
        self._take_tools(tools, functions, context_variables)
        self.response_format = type_in(self.llm_config) if response_format is None else response_format
        Memory.__init__(self, chat_messages or {})
        ClassicReplies.__init__(self, self._policies())

    def _policies(self) -> tuple[ReplyPolicy, ...]:
        """Return the order in which replies are looked for."""
        policies: list[ReplyPolicy] = [self._human_policy, self._tool_policy]
        if self._code_policy is not None:
            policies.append(self._code_policy)
        if self._model_policy is not None:
            policies.append(
                ToolLoop(
                    self._model_policy,
                    self._tool_policy,
                    offers=self._offers,
                    prepare=self._all_seen,
                    remember=self._remember_tools,
                    limit=lambda: self.MAX_TOOL_ROUNDS,
                )
            )
        return tuple(policies)

    # --- who it is

    @property
    def name(self) -> str:
        return self._name

    @property
    def system_message(self) -> str:
        """What the model is told first."""
        return self._system_message

    def update_system_message(self, system_message: str) -> None:
        """Change what the model is told first."""
        self._system_message = system_message

    def _told(self, messages: Sequence[Message]) -> Sequence[Message]:
        return told_with_blanks_filled(without_transit(messages), self.llm_config)

    @property
    def _oai_system_message(self) -> list[dict[str, Any]]:
        """The classic's private name of it, which reply functions put before the messages that they give to ``client.create``."""
        return [SystemMessage(self)]

    @property
    def sees_images(self) -> bool:
        """Whether images in what is said to it reach a model."""
        return self._sees_images

    @property
    def human_input_mode(self) -> HumanInputMode:
        return self._human_policy.mode

    @human_input_mode.setter
    def human_input_mode(self, mode: HumanInputMode) -> None:
        self._human_policy.mode = mode

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._name!r})"

    @property
    def _is_termination_msg(self) -> IsTermination:
        """The classic's private name of what says that a received message ends the conversation, which scripts written for it set."""
        return self._human_policy.is_termination

    @_is_termination_msg.setter
    def _is_termination_msg(self, predicate: IsTermination | None) -> None:
        self._human_policy.end_where(predicate)

    # --- forgetting and limits

    def reset(self) -> None:
        """Forget every conversation, counter and reply function's state, and what the model took."""
        self.clear_history()
        self.clear_usage_summary()
        self.reset_consecutive_auto_reply_counter()
        self.stop_reply_at_receive()
        self._reset_reply_functions()

    def max_consecutive_auto_reply(self, sender: Agent | None = None) -> int:
        """Return the limit on automatic replies in a row to ``sender``."""
        return self._human_policy.limit(sender)

    def update_max_consecutive_auto_reply(self, value: int, sender: Agent | None = None) -> None:
        """Change that limit, for one sender or for all."""
        self._human_policy.set_limit(value, sender)

    def reset_consecutive_auto_reply_counter(self, sender: Agent | None = None) -> None:
        """Start counting automatic replies again, for one sender or for all."""
        self._human_policy.reset(sender)

    def _tool_schemas(self) -> Sequence[Mapping[str, Any]]:
        return (*super()._tool_schemas(), *self.handoffs.schemas())

    # --- replying

    async def _reply_to(self, sender: Agent) -> Reply | Stop:
        if self.silent is None:
            return await self._own_reply(sender)
        with silenced(self.silent):
            return await self._own_reply(sender)

    async def _own_reply(self, sender: Agent) -> Reply | Stop:
        own_way = self._overridden("a_generate_reply", "generate_reply")
        if own_way is None:
            return await self._find_reply(self.history_with(sender), sender)
        answer = await call(own_way, messages=self.history_with(sender).as_dicts(), sender=sender)
        return Stop(f"{self._name} had no reply") if answer is None else Reply(answer)

    @on_portal
    async def a_generate_reply(
        self,
        messages: Sequence[Mapping[str, Any]] | None = None,
        sender: Agent | None = None,
        exclude: Sequence[Callable[..., Any]] = (),
    ) -> str | dict[str, Any] | None:
        """Return the reply to the last message, or None where the conversation ends.

        Args:
            messages: the history to reply to, the classic's dictionaries. Default: the one with ``sender``.
            sender: who is answered.
            exclude: reply functions that are not asked.

        Raises:
            UsageError: neither messages nor a sender is given.
        """
        if messages is None and sender is None:
            raise UsageError("generate_reply needs messages or a sender: there is nothing to reply to.")
        history = self.history_with(sender) if messages is None and sender is not None else History.from_dicts(messages or ())
        return as_classic(await self._find_reply(history, sender, exclude=exclude))

    generate_reply = run_sync(a_generate_reply)

    async def _find_reply(self, history: History, sender: Agent | None, *, exclude: Sequence[Callable[..., Any]] = ()) -> Reply | Stop:
        heard: Sequence[Message] = history.messages
        messages = heard
        if self._sees_histories:
            heard = await self._last_seen(heard)
            messages = await self._all_seen(heard)
        as_dicts = history.as_dicts if messages is history.messages else None
        turn = Turn(self._name, sender, messages, heard=heard, dicts=as_dicts)
        for entry in self._order.besides(exclude):
            if entry.trigger is not EVERYBODY and not await entry.answers(sender):
                continue
            outcome = await entry.policy.reply(turn)
            if outcome is not None:
                self._note_typed(outcome)
                return outcome
            if as_dicts is not None and turn.messages is not history.messages:  # it changed the history
                turn.messages = turn.heard = history.messages
        self._found_no_reply()
        default = self._default_auto_reply
        return Stop(f"{self._name} had no reply") if default is None else Reply(default)

    def _found_no_reply(self) -> None:
        """No policy has a reply, so that the default follows."""

    def _proposed_code(self, turn: Turn) -> tuple[CodeBlock, ...]:
        return self._tool_policy.proposed(turn) or (self._code_policy.proposed(turn) if self._code_policy else ())

    # --- the person it stands for

    @on_portal
    async def a_get_human_input(self, prompt: str) -> str:
        """Ask the person for a line of text; override it to ask in your own way.

        Args:
            prompt: the question.

        Returns:
            What they typed; "" to go on, "exit" to end.
        """
        async with enter() as context:
            answer = await context.human.ask(InputRequest("text", prompt, self._name))
        return answer.to_classic()

    get_human_input = run_sync(a_get_human_input)

    async def _ask_human(self, request: InputRequest) -> InputAnswer:
        own_way = self._overridden("a_get_human_input", "get_human_input")
        if own_way is not None:
            answer = InputAnswer.from_classic(str(await call(own_way, request.prompt)), request, via="api")
        else:
            async with enter() as context:
                answer = await context.human.ask(request)
        if request.kind != "password":
            self._human_input.append(answer.to_classic())
            heard_from_human(answer.to_classic())
        return answer

    def _overridden(self, *names: str) -> Callable[..., Any] | None:
        """Return the first of these methods that a subclass or the instance replaced."""
        own = self.__dict__
        for name in names:
            if name in self._replaced or name in own:
                return getattr(self, name)  # type: ignore[no-any-return]
        return None
