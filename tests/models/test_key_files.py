"""Configurations made of keys in the environment, in text files and in a .env file."""

from __future__ import annotations

from pathlib import Path

import pytest

from autogen_jupyter import (
    UsageError,
    config_list_from_dotenv,
    config_list_from_models,
    config_list_gpt4_gpt35,
    config_list_openai_aoai,
)

AZURE = {"AZURE_OPENAI_API_KEY": "a1\na2", "AZURE_OPENAI_API_BASE": "https://one.example\nhttps://two.example"}


def test_openai_keys_come_before_azures_and_each_key_has_its_address(tmp_path: Path) -> None:
    environ = {"OPENAI_API_KEY": "o1", **AZURE}
    assert config_list_openai_aoai(str(tmp_path), environ=environ) == [
        {"api_key": "o1"},
        {"api_key": "a1", "base_url": "https://one.example", "api_type": "azure"},
        {"api_key": "a2", "base_url": "https://two.example", "api_type": "azure"},
    ]
    assert config_list_openai_aoai(str(tmp_path), exclude="aoai", environ=environ) == [{"api_key": "o1"}]
    assert [entry["api_key"] for entry in config_list_openai_aoai(str(tmp_path), exclude="openai", environ=environ)] == ["a1", "a2"]
    with pytest.raises(UsageError, match="'azure'"):
        config_list_openai_aoai(exclude="azure", environ=environ)  # type: ignore[arg-type]


def test_files_come_before_the_environment_which_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "key_openai.txt").write_text("f1\nf2\n")
    (tmp_path / "base_openai.txt").write_text("http://127.0.0.1:1/v1\nhttp://127.0.0.1:2/v1\n")
    environ = {"OPENAI_API_KEY": "o1"}
    made = config_list_openai_aoai(str(tmp_path), environ=environ)
    assert made == [{"api_key": "f1", "base_url": "http://127.0.0.1:1/v1"}, {"api_key": "f2", "base_url": "http://127.0.0.1:2/v1"}]
    assert environ == {"OPENAI_API_KEY": "o1"}
    assert config_list_openai_aoai(None, environ=environ) == [{"api_key": "o1"}]


def test_there_is_a_configuration_for_each_model_and_key(tmp_path: Path) -> None:
    environ = {"OPENAI_API_KEY": "o1\no2"}
    made = config_list_from_models(str(tmp_path), model_list=["m1", "m2"], environ=environ)
    assert [(entry["model"], entry["api_key"]) for entry in made] == [("m1", "o1"), ("m1", "o2"), ("m2", "o1"), ("m2", "o2")]
    two = config_list_gpt4_gpt35(str(tmp_path), environ={"OPENAI_API_KEY": "o1"})
    assert [entry["model"] for entry in two] == ["gpt-4", "gpt-3.5-turbo"]


def test_a_dotenv_file_gives_the_keys_that_models_are_mapped_to(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# keys\nexport MINE='k 1'\nOPENAI_API_KEY=o1 # old\n\nEMPTY=\n")
    map_ = {"mine": "MINE", "far": {"api_key_env_var": "MINE", "base_url": "https://far.example/v1"}, "none": "EMPTY"}
    made = config_list_from_dotenv(str(file), map_, {"model": ["mine", "far", "none", "gpt-4"]}, environ={})
    assert made == [
        {"api_key": "o1", "model": "gpt-4"},
        {"api_key": "k 1", "model": "mine"},
        {"api_key": "k 1", "base_url": "https://far.example/v1", "model": "far"},
    ]
    assert config_list_from_dotenv(str(file), environ={"OPENAI_API_KEY": "real"})[0]["api_key"] == "real"


def test_a_dotenv_file_that_is_missing_is_a_warning_and_keys_come_from_the_environment(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = config_list_from_dotenv(str(tmp_path / "none.env"), environ={"OPENAI_API_KEY": "real"})
    assert made == [{"api_key": "real", "model": "gpt-4"}, {"api_key": "real", "model": "gpt-3.5-turbo"}]
    assert "none.env" in caplog.text
    assert config_list_from_dotenv(str(tmp_path / "none.env"), environ={}) == []


def test_the_address_of_a_model_may_be_the_name_of_a_variable(tmp_path: Path) -> None:
    map_ = {"far": {"api_key_env_var": "MINE", "base_url": "FAR_URL", "api_type": "azure"}}
    made = config_list_from_dotenv(None, map_, {"model": ["far"]}, environ={"MINE": "k", "FAR_URL": "https://far.example/v1"})
    assert made == [{"api_key": "k", "base_url": "https://far.example/v1", "api_type": "azure", "model": "far"}]
