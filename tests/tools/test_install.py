"""Packages come from where the user told pip to look, although uv installs them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("install", Path(__file__).parents[2] / "tools" / "install.py")
assert _spec
assert _spec.loader
install = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(install)


@pytest.fixture(autouse=True)
def no_pip_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Only a configuration file of the test's own holds."""
    for name in ("PIP_INDEX_URL", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://mirror.example/simple\n[install]\nfind-links =\n    /wheels\n    /more wheels\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    return file


def test_pips_settings_are_read() -> None:
    settings = install.pip_settings()
    assert settings["index-url"] == "https://mirror.example/simple"
    assert settings["find-links"].split() == ["/wheels", "/more", "wheels"]


def test_an_environment_variable_beats_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://other.example/simple")
    assert install.pip_settings()["index-url"] == "https://other.example/simple"


def test_pips_settings_are_handed_to_uv() -> None:
    made = install.uv_environment(
        {"index-url": "https://a.example", "extra-index-url": "https://b.example\nhttps://c.example", "find-links": "/x /y"}
    )
    assert made["UV_DEFAULT_INDEX"] == "https://a.example"
    assert made["UV_INDEX"] == "https://b.example https://c.example"
    assert made["UV_FIND_LINKS"] == "/x,/y"


def test_without_settings_uv_behaves_as_pip_would() -> None:
    assert install.uv_environment({}) == {"UV_SYSTEM_CERTS": "true", "UV_INDEX_STRATEGY": "unsafe-best-match"}
