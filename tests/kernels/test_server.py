from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autogen_jupyter.errors import UsageError
from autogen_jupyter.kernels import Server, configure_servers, is_server
from autogen_jupyter.kernels.frames import pack, unpack
from autogen_jupyter.kernels.server import find_server

MESSAGE = {"header": {"msg_id": "1", "msg_type": "comm_msg"}, "parent_header": {}, "metadata": {}, "content": {"é": 1}}


@pytest.fixture
def configured() -> Iterator[None]:
    configure_servers({"big": {"url": "https://big.example.org/base/", "token": "secret-1"}, "plain": "https://plain.example.org"})
    yield
    configure_servers({})


@pytest.mark.parametrize("url", ["https://h/?token=secret-1", "https://ada:secret-1@h/", "https://h/#token=secret-1"])
def test_an_address_with_a_token_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(UsageError, match="token_file") as refused:
        find_server(url, environ={})
    assert "secret-1" not in str(refused.value)


def test_a_token_is_in_no_repr() -> None:
    assert "secret-1" not in repr(Server("https://h", token="secret-1"))


def test_unencrypted_connections_go_no_further_than_this_machine() -> None:
    Server("http://127.0.0.1:8888")
    Server("http://localhost:8888")
    with pytest.raises(UsageError, match="unencrypted"):
        Server("http://gateway.example.org")
    assert Server("http://gateway.example.org", allow_http=True).url == "http://gateway.example.org"


def test_a_token_goes_only_to_the_address_that_it_was_configured_with(configured: None) -> None:
    assert find_server("big", environ={}).headers() == {"Authorization": "token secret-1"}
    assert find_server("https://big.example.org/base", environ={}).headers() == {"Authorization": "token secret-1"}
    assert find_server("https://big.example.org/other", environ={}).headers() == {}
    assert find_server("https://big.example.org.evil.example/base", environ={}).headers() == {}


def test_jupyters_own_variables_describe_a_server() -> None:
    environ = {"JUPYTER_GATEWAY_URL": "https://gateway.example.org", "JUPYTER_GATEWAY_AUTH_TOKEN": "secret-2"}
    assert is_server("gateway", environ=environ)
    assert find_server("gateway", environ=environ).headers() == {"Authorization": "token secret-2"}
    assert find_server("https://elsewhere.example.org", environ=environ).headers() == {}


def test_what_jupyters_own_variables_say_of_the_kernel_goes_to_that_server_alone() -> None:
    environ = {"JUPYTER_GATEWAY_URL": "https://gateway.example.org", "KERNEL_USERNAME": "ada", "HOME": "/home/ada"}
    assert find_server("gateway", environ=environ).env == {"KERNEL_USERNAME": "ada"}
    assert find_server("https://elsewhere.example.org", environ=environ).env == {}


def test_a_token_file_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    server = Server("https://h", token_file=file)
    with pytest.raises(UsageError, match="cannot be read"):
        server.headers()
    for token in ("first", "second"):
        file.write_text(token + "\n")
        assert server.headers() == {"Authorization": f"token {token}"}


def test_an_unknown_name_is_told_with_those_that_are_configured(configured: None) -> None:
    assert not is_server("python3", environ={})
    with pytest.raises(UsageError, match="configured: big, plain"):
        find_server("small", environ={})


def test_a_server_with_unknown_fields_is_refused() -> None:
    with pytest.raises(UsageError, match="'x'"):
        configure_servers({"x": {"address": "https://h"}})


@pytest.mark.parametrize("v1", [True, False])
def test_a_message_survives_the_wire(v1: bool) -> None:
    buffers = [b"\x00\xff", b""] if v1 else []
    channel, message = unpack(pack("shell", MESSAGE, buffers, v1=v1), v1=v1)
    assert channel == "shell"
    message.pop("channel", None)
    assert message == {**MESSAGE, "msg_type": "comm_msg", "buffers": buffers}


@pytest.mark.parametrize("frame", [b"", b"\x00" * 8, b"\xff" * 64, "[]", "{}"])
def test_a_broken_frame_is_an_error_and_not_more(frame: bytes | str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, IndexError)):
        unpack(frame, v1=isinstance(frame, bytes))
