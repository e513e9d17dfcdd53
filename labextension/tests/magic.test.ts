// What the plugin knows of our magics' text.
import { expect, it } from "vitest";
import { doesNothingButLoad, isChat, LOAD } from "../src/lab/magic";

it("a cell that loads the magics may be run unasked when it does nothing else", () => {
  const harmless = [
    "",
    " # agents",
    "import numpy as np",
    "from autogen_jupyter import AssistantAgent",
    "%load_ext autoreload",
  ];
  for (const line of harmless) {
    expect(doesNothingButLoad(`${line}\n${LOAD}\n`)).toBe(true);
  }
  for (const line of ["x = 1", "!rm -r data", "%run clean.py", "%load_ext_all", "importer()"]) {
    expect(doesNothingButLoad(`${LOAD}\n${line}`)).toBe(false);
  }
});

it("a cell that imports us, or speaks of loading, loads nothing", () => {
  for (const source of ["", "from autogen_jupyter import AssistantAgent", `# ${LOAD}`, `${LOAD}_more`, `"${LOAD}"`]) {
    expect(doesNothingButLoad(source)).toBe(false);
  }
});

it("a chat is told by its first line", () => {
  expect(["%%agentchat", "\n %%agentchat -m x\nHi", "%agentchat fix"].map(isChat)).toEqual([true, true, true]);
  expect(["x = 1\n%agentchat fix", "%%agentchats", "'%%agentchat'"].map(isChat)).toEqual([false, false, false]);
});
