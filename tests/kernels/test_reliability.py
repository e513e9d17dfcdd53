"""The table of faults in the documentation is what happens."""

import asyncio
import os
from pathlib import Path

import pytest

from tools.generate_kernel_reliability import COMMAND, documented

from .faults import FAULTS, Fault

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_a_fault_ends_as_documented_and_in_time(fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "never answers" in fault.name:
        monkeypatch.setattr("autogen_jupyter.kernels.kernel.START", 1.0)
    row = await asyncio.wait_for(fault.happen(tmp_path), fault.bound + 30)
    expected = (
        tuple(text.replace("within 60 s", "within 1 s") for text in documented()[fault.name])
        if "never" in fault.name
        else documented()[fault.name]
    )
    assert row.texts == expected, f"If the new behaviour is right, run `{COMMAND}`."
    assert row.recovered < fault.bound


def test_every_fault_is_in_the_table_and_nothing_else() -> None:
    assert list(documented()) == [fault.name for fault in FAULTS]
