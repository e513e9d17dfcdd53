"""``jupyter agentchat …``: what works without a browser."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import AgentChatError, UsageError
from .exit_codes import FAILED, STOPPED, code_of_error

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an exotic locale must not end a run that went well
    try:
        arguments = _parser().parse_args(argv)
        return int(arguments.command(arguments))
    except AgentChatError as error:
        return _complain(error, code_of_error(error))
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
    from .arguments import new_parser

    parser, commands = new_parser()
    _add_demo(commands)
    _add_run(commands)
    _add_export(commands)
    _add_doctor(commands)
    return parser


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser(
        "demo",
        help="watch two agents analyse real data",
        description="Run the quickstart notebook without a browser: the conversation streams here, the results go to files.",
    )
    demo.add_argument("-m", "--model", help="model to use instead of the configured one")
    demo.add_argument("--approve", choices=["always", "never"], help="whether generated code has to be approved before it runs")
    demo.add_argument("--out", type=Path, metavar="DIR", help="folder for the notebook's copy and the results")
    demo.add_argument("--notebook", type=Path, metavar="PATH", help="run this notebook instead; the results go beside it, or to --out")
    demo.add_argument("--lab", action="store_true", help="open JupyterLab on the result")
    demo.set_defaults(command=_demo)


def _add_doctor(commands: Any) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="see what works here, and what to do about what does not",
        description="Look at the model (four tiny questions, some 300 tokens), the agent kernel and the front end.",
    )
    doctor.add_argument("-m", "--model", help="model to look at instead of the configured one")
    doctor.add_argument("--json", action="store_true", help="write the findings as JSON")
    doctor.set_defaults(command=_doctor)


def _add_run(commands: Any) -> None:
    from .arguments import EXIT_EPILOG, add_chat_options

    run = commands.add_parser(
        "run",
        help="let agents answer a request, or run a notebook with its chats",
        description='Let agents answer a request (run "How many rows?" --data sales.csv --out report.html), or run a notebook, its '
        "%%agentchat cells included (run analysis.ipynb -p region north). On a terminal the conversation streams; in a pipe only the "
        "answer is written.",
        epilog=EXIT_EPILOG,
    )
    run.add_argument("request", metavar="REQUEST|NOTEBOOK", help="what you want done, in quotes; `-` reads it from standard input")
    run.add_argument(
        "-p", "--parameter", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), help="set a notebook's parameter"
    )
    run.add_argument("--out", type=Path, action="append", default=[], metavar="FILE", help="write the result: .ipynb, .html or .md")
    run.add_argument("--files", type=Path, metavar="DIR", help="keep the files that isolated code makes, in this new or empty folder")
    run.add_argument("--json", action="store_true", help="write the events of the chat, one JSON object a line")
    add_chat_options(run)
    run.set_defaults(command=_run)


def _add_export(commands: Any) -> None:
    export = commands.add_parser("export", help="write a kept chat as a notebook or a page")
    export.add_argument("chat", type=Path, metavar="CHAT", help="a ledger (.jsonl), a saved chat (.json), a notebook with a chat (.ipynb)")
    export.add_argument("--out", type=Path, action="append", required=True, metavar="FILE", help="name that ends in .ipynb, .html or .md")
    export.set_defaults(command=_export)
    replay = commands.add_parser("replay", help="run a kept chat's code again in a fresh kernel, without any model, and compare")
    replay.add_argument("chat", type=Path, metavar="CHAT", help="as for export")
    replay.set_defaults(command=_replay)


def _demo(arguments: argparse.Namespace) -> int:
    from .demo import DemoOptions, demo

    return demo(
        DemoOptions(
            model=arguments.model, approve=arguments.approve, out=arguments.out, notebook=arguments.notebook, open_lab=arguments.lab
        )
    )


def _run(arguments: argparse.Namespace) -> int:
    from .arguments import DATA_LEVELS, chat_options

    request: str = arguments.request
    if request.endswith(".ipynb") and (Path(request).exists() or not any(map(str.isspace, request))):
        return _run_notebook(arguments)
    if arguments.parameter:
        raise UsageError("-p sets a parameter of a notebook; a request has none. Write the value into the request.")
    from .run_prompt import RunOptions, run_prompt

    prompt = sys.stdin.read() if request == "-" else request
    files = [name for name in arguments.data if name not in DATA_LEVELS]
    return run_prompt(RunOptions(prompt, chat_options(arguments), files, arguments.out, arguments.files, arguments.json))


def _run_notebook(arguments: argparse.Namespace) -> int:
    from .arguments import chat_options
    from .run_notebook import NotebookOptions, run_notebook_file

    if arguments.files is not None:
        raise UsageError("--files is for a request; a notebook brings files back itself: %agentchat bring --all.")
    said = chat_options(arguments).said()
    names = {"model": "AUTOGEN_JUPYTER_MODEL", "approve": "AUTOGEN_JUPYTER_APPROVE"}
    if elsewhere := [*(["data"] if arguments.data else []), *(said.keys() - names.keys() - {"quiet", "data"})]:
        raise UsageError(
            f"--{elsewhere[0].replace('_', '-')} belongs into the notebook's own %%agentchat cells; here go -p, -m, --approve."
        )
    return run_notebook_file(
        NotebookOptions(
            Path(arguments.request),
            dict(arguments.parameter),
            {names[field]: str(value) for field, value in said.items() if field in names},
            arguments.out,
            as_json=arguments.json,
            quiet=arguments.quiet,
        )
    )


def _export(arguments: argparse.Namespace) -> int:
    from .kept_chats import export

    return export(arguments.chat, arguments.out)


def _replay(arguments: argparse.Namespace) -> int:
    from .kept_chats import replay

    return replay(arguments.chat)


def _doctor(arguments: argparse.Namespace) -> int:
    from .doctor import doctor

    return doctor(arguments.model, is_json=arguments.json)
