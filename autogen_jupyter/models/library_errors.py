"""Errors that are of the openai library's class as well as ours, so that an ``except openai.RateLimitError`` catches them.

The library is not imported here: where one of its errors is given, it has been.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from ..errors import ModelError

__all__ = ["clean_chain", "of_both", "with_class_of"]

E = TypeVar("E", bound=ModelError)
_OF_THE_BODY = ("content-encoding", "content-length", "transfer-encoding")
_PRIVATE = ("set-cookie",)
_HTTP = ("httpx", "httpx2")
_CHARSET = re.compile(r";\s*charset=[^;]*", re.IGNORECASE)
"""Taken out of a content type: the text is UTF-8 here, which is what is read where nothing is said."""
_CLASSES: dict[tuple[type[ModelError], type[Exception]], Any] = {}
"""Each is made once."""


def of_both(kind: type[E], text: str, error: BaseException, clean: Callable[[str], str]) -> E:
    """Return an error of ours; where ``error`` is one of the library's, it is of its class too and has its attributes.

    Args:
        kind: our class.
        text: what our error says.
        error: what happened.
        clean: takes the secrets out of a text; nothing that is not cleaned gets into the attributes.
    """
    library = _library_class(type(error))
    if library is None:
        return kind(text)
    made: E = _class_of_both(kind, library)(text)
    vars(made).update({name: _cleaned(value, clean) for name, value in vars(error).items()})
    return made


def with_class_of(kind: type[E], text: str, error: ModelError) -> E:
    """Return an error with another text; where ``error`` is of one of the library's classes too, it is of that and has its attributes."""
    library = _library_class(type(error))
    if library is None:
        return kind(text)
    made: E = _class_of_both(kind, library)(text)
    vars(made).update(vars(error))
    return made


def clean_chain(error: BaseException, clean: Callable[[str], str]) -> None:
    """Take the secrets out of the attributes of an error that is to be a cause, and of those before it.

    Its request is the one that was sent, with the key among the headers.
    """
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        waiting += [link.__cause__, link.__context__]
        if _base_of(type(link), "openai", *_HTTP) is not None:
            vars(link).update({name: _cleaned(value, clean) for name, value in vars(link).items() if _is_looked_into(value)})


def _library_class(kind: type) -> type[Exception] | None:
    library: type[Exception] | None = _base_of(kind, "openai")
    return library


def _base_of(kind: type, *packages: str) -> Any:
    """Return the class of one of these packages that a type is or is made from, or None."""
    return next((base for base in kind.__mro__ if base.__module__.partition(".")[0] in packages), None)


def _is_looked_into(value: Any) -> bool:
    return isinstance(value, (str, Mapping, list, tuple)) or _base_of(type(value), *_HTTP) is not None


def _class_of_both(kind: type[ModelError], library: type[Exception]) -> Any:
    if (kind, library) not in _CLASSES:
        names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__, "__reduce__": _reduced}
        _CLASSES[kind, library] = type(kind.__name__, (kind, library), names)
    return _CLASSES[kind, library]


def _reduced(self: ModelError) -> tuple[Any, ...]:
    """Let it be copied and pickled: its class has no name to be imported by."""
    kind, library = type(self).__bases__
    return _made_again, (kind, library, self.args), vars(self)


def _made_again(kind: type[ModelError], library: type[Exception], args: tuple[Any, ...]) -> Any:
    return _class_of_both(kind, library)(*args)


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {_cleaned(key, clean): _cleaned(item, clean) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(item, clean) for item in value]
    kind = _base_of(type(value), *_HTTP)
    if kind is not None and kind.__name__ in _OF_HTTP:
        return _OF_HTTP[kind.__name__](kind, value, clean)
    return value if value is None or isinstance(value, (bool, int, float)) else clean(str(value))


def _request(kind: Any, request: Any, clean: Callable[[str], str]) -> Any:
    """Return where it was sent; its headers hold the key, and its body the conversation."""
    return kind(request.method, _address(request.url, clean))


def _address(url: Any, clean: Callable[[str], str]) -> Any:
    """Return a URL, or as much of it as holds no secret."""
    shorter = (url, url.copy_with(query=None, fragment=None), type(url)(scheme=url.scheme, host=url.host, port=url.port))
    return next((part for part in shorter if clean(str(part)) == str(part)), type(url)())


def _response(kind: Any, response: Any, clean: Callable[[str], str]) -> Any:
    text, request = "", None
    with suppress(RuntimeError):  # it was never read
        text = clean(response.text)
    with suppress(RuntimeError):  # it answers no request
        request = _cleaned(response.request, clean)
    headers = {name: clean(value) for name, value in response.headers.items() if name.lower() not in (*_OF_THE_BODY, *_PRIVATE)}
    if "content-type" in headers:
        headers["content-type"] = _CHARSET.sub("", headers["content-type"])
    return kind(response.status_code, headers=headers, content=text.encode(), request=request)


_OF_HTTP = {"Request": _request, "Response": _response}
