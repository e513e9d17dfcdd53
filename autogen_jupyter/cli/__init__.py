"""``jupyter agentchat …``: what works without a browser."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from .._version import __version__
from ..errors import AgentChatError, UsageError

__all__ = ["main"]

FAILED, MISUSED, STOPPED = 1, 2, 130
"""Exit codes: the run failed, the command cannot work as written, the person pressed Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an exotic locale must not end a run that went well
    try:
        return int(arguments.command(arguments))
    except UsageError as error:
        return _complain(error, MISUSED)
    except AgentChatError as error:
        return _complain(error, FAILED)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # Whoever read our output has had enough; Python would complain once more while it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _complain(error: AgentChatError, code: int) -> int:
    sys.stdout.flush()
    print(f"jupyter agentchat: {error}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jupyter agentchat", description="Multi-agent chat, native to Jupyter.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="watch two agents analyse real data",
        description="Run the quickstart notebook without a browser: the conversation streams here, the results go to files.",
        allow_abbrev=False,
    )
    demo.add_argument("-m", "--model", help="model to use instead of the configured one")
    demo.add_argument("--approve", choices=["always", "never"], help="whether generated code has to be approved before it runs")
    demo.add_argument("--out", type=Path, metavar="DIR", help="folder for the notebook's copy and the results")
    demo.add_argument("--notebook", type=Path, metavar="PATH", help="run this notebook instead; the results go beside it, or to --out")
    demo.add_argument("--lab", action="store_true", help="open JupyterLab on the result")
    demo.set_defaults(command=_demo)
    doctor = commands.add_parser(
        "doctor",
        help="see what works here, and what to do about what does not",
        description="Look at the model (four tiny questions, some 300 tokens), the agent kernel and the front end.",
        allow_abbrev=False,
    )
    doctor.add_argument("-m", "--model", help="model to look at instead of the configured one")
    doctor.add_argument("--json", action="store_true", help="write the findings as JSON")
    doctor.set_defaults(command=_doctor)
    return parser


def _demo(arguments: argparse.Namespace) -> int:
    from .demo import DemoOptions, demo

    return demo(
        DemoOptions(
            model=arguments.model, approve=arguments.approve, out=arguments.out, notebook=arguments.notebook, open_lab=arguments.lab
        )
    )


def _doctor(arguments: argparse.Namespace) -> int:
    from .doctor import doctor

    return doctor(arguments.model, is_json=arguments.json)
