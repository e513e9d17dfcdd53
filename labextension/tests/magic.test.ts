// What the plugin knows of our magics' text.
import { expect, it } from "vitest";
import { doesNothingButLoad, isChat, LOAD, nameWords } from "../src/lab/magic";

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

it("a chat is named as the magic's line reads it", () => {
  const words = (name: string) => nameWords(name)?.join(" ");
  expect(["sales", "größe", "a.b", "it's"].map(words)).toEqual(["-n sales", "-n größe", "-n a.b", "-n it's"]);
  expect(["Q1 sales", "it's new", 'the "new"'].map(words)).toEqual([
    "-n 'Q1 sales'",
    `-n "it's new"`,
    `-n 'the "new"'`,
  ]);
  expect(["'a'", "{a}b", "[a", "\\"].map(words)).toEqual([`-n "'a'"`, "-n '{a}b'", "-n '[a'", "-n '\\'"]);
  expect(["--new", "-1 a"].map(words)).toEqual(["--name=--new", "--name='-1 a'"]);
});

it("a chat that the line cannot name is none to go on with", () => {
  expect(["", `it's "new"`].map(nameWords)).toEqual([null, null]);
});
