import os
import sys

import pytest

from autogen_jupyter.kernels.environment import kernel_environment

HARMLESS = ["HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "CONDA_PREFIX", "MPLCONFIGDIR", "OMP_NUM_THREADS"]
SECRETS = """
OPENAI_API_KEY ANTHROPIC_API_KEY HF_TOKEN GITHUB_TOKEN JUPYTER_TOKEN AWS_ACCESS_KEY_ID AWS_PROFILE OAI_CONFIG_LIST OPENAI_BASE_URL
DATABASE_URL PGPASSWORD MY_SECRET MPL_TOKEN SSH_AUTH_SOCK GOOGLE_APPLICATION_CREDENTIALS
""".split()  # noqa: SIM905


@pytest.mark.parametrize("name", HARMLESS)
def test_what_programs_need_passes(name: str) -> None:
    assert kernel_environment(given={name: "value"})[name] == "value"


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_stay_out(name: str) -> None:
    assert name not in kernel_environment(given={name: "value"})


def test_an_address_passes_only_without_a_password() -> None:
    given = {"HTTPS_PROXY": "http://proxy:3128", "http_proxy": "http://ada:pass@proxy:3128"}
    made = kernel_environment(given=given)
    assert made["HTTPS_PROXY"] == "http://proxy:3128"
    assert "http_proxy" not in made


def test_what_the_user_adds_passes_and_wins() -> None:
    made = kernel_environment({"MY_API_KEY": "mine", "TZ": "UTC"}, given={"TZ": "Europe/Vaduz"})
    assert (made["MY_API_KEY"], made["TZ"]) == ("mine", "UTC")


def test_the_environments_own_programs_come_first() -> None:
    folder = os.path.dirname(sys.executable)
    assert kernel_environment(given={"PATH": os.pathsep.join(["/usr/bin", folder])})["PATH"] == os.pathsep.join([folder, "/usr/bin"])


def test_plots_are_pictures_and_no_debugger_waits() -> None:
    made = kernel_environment(given={"MPLBACKEND": "TkAgg"})
    assert made["MPLBACKEND"] == "module://matplotlib_inline.backend_inline"
    assert made["PYTHONBREAKPOINT"] == "0"
