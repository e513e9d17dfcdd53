"""Parameters on their way to the library."""

from __future__ import annotations

from autogen_jupyter.models.options import as_written


def test_what_is_written_already_passes_the_library_by():
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    given = as_written(body, "messages", "tools")
    assert given == {"model": "m", "messages": (), "stream": True, "extra_body": {"messages": body["messages"]}}


def test_a_body_of_the_users_own_goes_first():
    given = as_written({"messages": [1], "extra_body": {"messages": [2], "top_k": 3}}, "messages")
    assert given["extra_body"] == {"messages": [2], "top_k": 3}
