"""Which installed Jupyter kernel runs a language that is not Python's or a shell's."""

from __future__ import annotations

import time
from collections.abc import Mapping

from jupyter_client.kernelspec import KernelSpecManager

__all__ = ["PROGRAMMING", "also_named", "kernel_name_for", "spoken_names"]

PROGRAMMING = frozenset(
    {
        "r",
        "rscript",
        "julia",
        "jl",
        "octave",
        "matlab",
        "scala",
        "java",
        "kotlin",
        "c",
        "c++",
        "cpp",
        "c#",
        "csharp",
        "go",
        "rust",
        "ruby",
        "perl",
    }
)
"""Languages, as fences name them, that are written to be run: where there is no kernel for one, the model has to be told."""

_ALSO = {
    "r": {"rscript"},
    "julia": {"jl"},
    "javascript": {"js", "node"},
    "typescript": {"ts"},
    "c++": {"cpp"},
    "c++17": {"cpp", "c++"},
    "c#": {"csharp"},
    "ocaml": {"ml"},
    "gnu octave": {"octave"},
    "octave": {"matlab"},
}
"""Other names that fences use for the language of a kernel."""
KEPT = 30.0
"""Seconds for which the list of installed kernels is believed."""

_seen: tuple[float, Mapping[str, str]] = (-KEPT, {})


def spoken_names() -> frozenset[str]:
    """Return the names of languages, as fences write them, for which a kernel is installed, besides Python and shells."""
    return frozenset(_kernels())


def kernel_name_for(language: str) -> str | None:
    """Return the name of the kernel that runs this language."""
    return _kernels().get(language.lower())


def _kernels() -> Mapping[str, str]:
    global _seen
    if time.monotonic() - _seen[0] > KEPT:
        _seen = (time.monotonic(), _installed())
    return _seen[1]


def _installed() -> dict[str, str]:
    specs = sorted(KernelSpecManager().get_all_specs().items())
    return also_named({name: str(entry["spec"].get("language", "")).lower() for name, entry in specs})


def also_named(languages: Mapping[str, str]) -> dict[str, str]:
    """Return the first kernel of each language, by all names of the language; Python's and the shells' are not among them.

    Args:
        languages: by name of the kernel.
    """
    found: dict[str, str] = {}
    for name, language in languages.items():
        if language and language not in ("python", "bash", "sh"):
            for spoken in {language, *_ALSO.get(language, ())}:
                found.setdefault(spoken, name)
    return found
