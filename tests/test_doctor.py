"""What the doctor finds on a real llama.cpp server, on servers that fail, and that it never says a key."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import psutil
import pytest

from autogen_jupyter.doctor import Finding, as_json, as_text
from autogen_jupyter.doctor.model import examine_model

from .servers.fault_server import FaultServer, status

KEY = "corp-1f2e3d4c5b6a-doctor"


async def found(given: object) -> dict[str, Finding]:
    return {finding.check: finding async for finding in examine_model(given)}  # type: ignore[arg-type]


async def test_a_real_server_is_there_answers_streams_and_says_its_context(llama_server: str) -> None:
    findings = await found({"model": "scripted", "base_url": llama_server})
    assert {findings[check].status for check in ("reachable", "models listed", "answers", "streaming", "speed", "context")} == {"ok"}
    assert {"tools", "JSON", "images"} <= set(findings)
    assert findings["images"].status == "warning"
    assert all(finding.remedy for finding in findings.values() if finding.status in ("warning", "failed"))


async def test_no_connection_to_the_server_stays_open(llama_server: str) -> None:
    await found({"model": "scripted", "base_url": llama_server})
    remote = {connection.raddr.port for connection in psutil.Process().net_connections() if connection.raddr}
    assert urlsplit(llama_server).port not in remote


async def test_where_nobody_listens_no_more_is_asked() -> None:
    async with FaultServer(is_listening=False) as server:
        findings = await found({"model": "m", "base_url": server.url, "max_retries": 0})
    assert findings["reachable"].status == "failed"
    assert "answers" not in findings


async def test_a_refused_key_is_named_by_where_it_came_from_and_never_said() -> None:
    async with FaultServer(status(401, {"error": {"message": f"Incorrect API key provided: {KEY}"}})) as server:
        findings = await found({"model": "m", "base_url": server.url, "api_key": KEY})
    assert (findings["key"].status, findings["reachable"].status) == ("failed", "ok")
    assert '"api_key" of llm_config' in findings["key"].text
    for text in (as_text(list(findings.values())), json.dumps(as_json(list(findings.values())))):
        assert KEY not in text


@pytest.mark.parametrize("given", ["gpt-6-luna", "ollama/"])
async def test_a_model_that_cannot_be_chosen_is_a_finding_with_its_remedy(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (finding,) = (await found(given)).values()
    assert (finding.check, finding.status) == ("configured", "failed")
    assert finding.remedy
