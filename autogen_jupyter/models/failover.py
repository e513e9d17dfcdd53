"""Several models in one: the next is asked when one fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from ..context import current
from ..errors import AnswerBrokenError, ContextLengthError, ModelError, UsageError
from ..events import Noticed
from .base import ModelClient, ModelDelta, ModelRequest
from .library_errors import with_class_of
from .wrapped import asking

__all__ = ["FailoverClient", "all_failed"]


class FailoverClient:
    """Try models in order, each with its own retries first. What a model wrote before it failed stays to be read, marked as broken off.

    Example:
        >>> from autogen_jupyter.models import ScriptedModel
        >>> FailoverClient([ScriptedModel(["Hello"], model="first"), ScriptedModel(["Hi"], model="second")])
        FailoverClient('first', 'second')
    """

    def __init__(self, clients: Sequence[ModelClient]) -> None:
        if not clients:
            raise UsageError("FailoverClient needs at least one model.")
        self.clients = tuple(clients)

    def __repr__(self) -> str:
        return f"FailoverClient({', '.join(repr(client.model) for client in self.clients)})"

    @property
    def model(self) -> str:
        """The first model's name; a reply names the one that gave it."""
        return self.clients[0].model

    @property
    def is_language_model(self) -> bool:
        return all(client.is_language_model for client in self.clients)

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Answer with the first model that does.

        Raises:
            ModelError: none did; the error names every cause.
        """
        causes: list[tuple[str, ModelError]] = []
        for n, client in enumerate(self.clients, 1):
            began = False
            try:
                async with asking(client, request) as deltas:
                    async for delta in deltas:
                        began = not delta.broken
                        yield delta
            except ModelError as error:
                if began and not isinstance(error, AnswerBrokenError):  # nobody has marked what was shown as broken off
                    raise
                causes.append((client.model, error))
            else:
                return
            if n < len(self.clients):
                text = f"{causes[-1][1]} Asking {self.clients[n].model} instead."
                if began:
                    yield ModelDelta(broken=text)
                else:
                    current().emit(Noticed(text, "warning"))
        raise all_failed(causes)


def all_failed(causes: Sequence[tuple[str, ModelError]]) -> ModelError:
    """Return the error that names every cause, by the model; of the openai library's classes it is of the last one's."""
    last = causes[-1][1]
    if len(causes) == 1:
        return last
    lines = "".join(f"\n  {n}. {model}: {error}" for n, (model, error) in enumerate(causes, 1))
    kind = ContextLengthError if all(isinstance(error, ContextLengthError) for _, error in causes) else ModelError
    if isinstance(last, AnswerBrokenError):
        kind = AnswerBrokenError
    failed = with_class_of(kind, f"None of the {len(causes)} models of the config_list answered:{lines}", last)
    if isinstance(failed, AnswerBrokenError):
        failed.partial = getattr(last, "partial", "")
    failed.__cause__ = last
    return failed
