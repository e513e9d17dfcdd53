"""How long JupyterLab takes to start with the plugin and without it, on servers that run side by side.

Each round loads both in a fresh context of one Chromium, in turns, so that what slows the machine down slows both. Measured is the time
from asking for the page until the application says that it is restored, and the processor time of the page's main thread until then, which
is less disturbed by others; once with an empty browser cache and once with a warm one. The noise is the interquartile range of the
differences between two loads *without* the plugin. Run it from the root of the repository, after ``npm run build`` in ``labextension/``:
``python bench/startup.py``; ``CHROMIUM=/path/to/chrome`` names a browser.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.ui import jupyter

READY = "() => window.jupyterapp?.restored.then(() => true)"


def load(browser: Browser, url: str, *, has_plugin: bool) -> dict[str, float]:
    """Return the milliseconds of a load with an empty cache and of one with a warm cache, by the clock and of the main thread.

    Raises:
        RuntimeError: the page has the plugin and should not, or the other way round.
    """
    context = browser.new_context()
    try:
        page = context.new_page()
        inside = context.new_cdp_session(page)
        inside.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
        inside.send("Performance.enable")
        took = {}
        for cache in ("empty", "warm"):
            begin = time.perf_counter()
            page.goto(f"{url}/lab?reset", wait_until="commit")
            page.wait_for_function(READY, timeout=120_000)
            took[f"{cache} cache, clock"] = 1000 * (time.perf_counter() - begin)
            busy = next(one["value"] for one in inside.send("Performance.getMetrics")["metrics"] if one["name"] == "TaskDuration")
            took[f"{cache} cache, thread"] = 1000 * busy  # counted anew for each page
        if page.evaluate("window.jupyterapp.commands.hasCommand('autogen-jupyter:ask-cell')") != has_plugin:
            raise RuntimeError(f"{url} has the plugin: {not has_plugin}. Build it: npm run build in labextension/.")
        return took
    finally:
        context.close()


def measure(rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return all loads, by what was measured and by server."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    took: dict[str, dict[str, list[float]]] = {}
    with (
        jupyter.server("lab") as plugin,
        jupyter.server("lab", plugin=False) as bare,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable, headless=True, args=jupyter.CHROMIUM)
        cases = {"with": plugin.url, "without": bare.url, "without again": bare.url}
        for number in range(rounds + 1):
            names = [*cases][number % 3 :] + [*cases][: number % 3]
            for name in names:
                loaded = load(browser, cases[name], has_plugin=name == "with")
                if number > 0:  # the first round warms the servers up
                    for what, milliseconds in loaded.items():
                        took.setdefault(what, {one: [] for one in cases})[name].append(milliseconds)
        browser.close()
    return took


def report(what: str, took: dict[str, list[float]]) -> bool:
    """Print the figures; return whether the plugin costs no more than the noise."""
    differences = [a - b for a, b in zip(took["without again"], took["without"], strict=True)]
    low, _, high = statistics.quantiles(differences, n=4)
    noise = high - low
    medians = {name: statistics.median(times) for name, times in took.items()}
    bare = statistics.median([*took["without"], *took["without again"]])
    costs = medians["with"] - bare
    print(
        f"{what:20} with {medians['with']:.0f} ms, without {bare:.0f} ms (twice: {medians['without']:.0f}, "
        f"{medians['without again']:.0f}), ratio {medians['with'] / bare:.3f}, costs {costs:+.0f} ms, noise {noise:.0f} ms  "
        f"({'ok' if costs <= noise else 'TOO SLOW'})"
    )
    return costs <= noise


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="loads of each kind (default: 15)")
    parser.add_argument("--quick", action="store_true", help="five rounds")
    arguments = parser.parse_args()
    took = measure(5 if arguments.quick else arguments.rounds)
    verdicts = [report(what, times) for what, times in took.items()]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
