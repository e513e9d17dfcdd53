"""A dry run shows the exact request and sends nothing."""

from __future__ import annotations

import pytest

from autogen_jupyter import agentchat
from autogen_jupyter.models.dry_run import DryRun

from ..servers.fault_server import FaultServer, silence


async def test_a_dry_run_shows_the_request_with_its_tokens_and_price_and_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGEN_JUPYTER_APPROVE", raising=False)
    async with FaultServer(silence) as server:
        made = await agentchat("Describe df", model=f"{server.url}#m", dry_run=True)
        assert not server.seen
        assert isinstance(made, DryRun)
        assert made.url == f"{server.url}/chat/completions"
    assert [message["role"] for message in made.payload["messages"]] == ["system", "user"]
    assert made.payload["messages"][-1]["content"] == "Describe df"
    assert made.tokens > 100
    assert made.usd == 0.0
