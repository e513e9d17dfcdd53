import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ToolUse } from "../src/protocol";
import { longArguments, shortCall } from "../src/tool_call";
import { ToolsView } from "../src/view/tools";
import { HOSTILE_TEXT } from "./hostile";

const use = (more: Partial<ToolUse> = {}): ToolUse => ({
  id: "c1",
  name: "add",
  arguments: '{"a":1}',
  state: "asked",
  result: "",
  seconds: null,
  ...more,
});
const LONG = JSON.stringify({
  query: "select species from penguins where body_mass_g > 4000 order by 1",
  limit: [1, 2],
});

let view: ToolsView;
beforeEach(() => {
  view = new ToolsView();
  document.body.replaceChildren(view.element);
});
const rows = () => [...view.element.querySelectorAll<HTMLElement>(".aj-tool")];
const folds = () => [...view.element.querySelectorAll("details")].filter(({ hidden }) => !hidden);
const head = () => view.element.querySelector(".aj-tool-head")?.textContent?.trim();

describe("a row", () => {
  it("says what is called, where the call stands, and how long it took", () => {
    view.update([use({ state: "ok", seconds: 0.02 })]);
    expect(head()).toBe('add({"a": 1}) Done 0.02 s');
    expect(rows()[0]?.getAttribute("aria-label")).toBe("Call of add: Done");
    expect(rows()[0]?.dataset.state).toBe("ok");
  });

  it.each([
    ["asked", "add() Not run yet"],
    ["running", "add() Running"],
    ["ok", "add() Done"],
    ["error", "add() Error"],
    ["interrupted", "add() Interrupted"],
    ["refused", "add() Not run"],
  ] as const)("says the state %s in words", (state, words) => {
    view.update([use({ state, arguments: "{}" })]);
    expect(head()).toBe(words);
  });

  it("counts the seconds while the tool runs", () => {
    vi.useFakeTimers();
    view.update([use({ state: "running" })]);
    view.update([use({ state: "running" })]);
    vi.advanceTimersByTime(3000);
    expect(head()).toContain("Running 3 s");
    expect(vi.getTimerCount()).toBe(1);
    view.update([use({ state: "ok", seconds: 3.2 })]);
    expect(head()).toContain("Done 3.2 s");
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("folds the result, and opens that of an error once", () => {
    view.update([use({ state: "ok", result: "it is 2" })]);
    expect(folds().map(({ open }) => open)).toEqual([false]);
    expect(folds()[0]?.querySelector("pre")?.textContent).toBe("it is 2");
    view.update([use({ state: "error", result: "Error: no" })]);
    const [fold] = folds();
    expect(fold?.open).toBe(true);
    fold?.removeAttribute("open");
    view.update([use({ state: "error", result: "Error: no" })]);
    expect(fold?.open).toBe(false);
  });

  it("folds long arguments, laid out", () => {
    view.update([use({ arguments: LONG })]);
    expect(head()).toMatch(/^add\(\{"query": "select species.*…\) Not run yet$/);
    expect(folds().map((fold) => fold.querySelector("summary")?.textContent)).toEqual(["Arguments"]);
    expect(folds()[0]?.querySelector("pre")?.textContent).toBe(longArguments(LONG));
  });

  it("stays what it is, with its folds, when the message changes", () => {
    view.update([use({ state: "ok", result: "2" }), use({ id: "c2", state: "running" })]);
    const [first] = rows();
    folds()[0]?.setAttribute("open", "");
    view.update([use({ state: "ok", result: "2" }), use({ id: "c2", state: "ok", result: "3" })]);
    expect(rows()[0]).toBe(first);
    expect(folds().map(({ open }) => open)).toEqual([true, false]);
    view.update([]);
    expect(rows()).toEqual([]);
    expect(view.element.hidden).toBe(true);
  });

  it("shows text from outside as nothing but text", () => {
    for (const text of HOSTILE_TEXT) {
      view.update([use({ name: text, arguments: text, result: text, state: "error" })]);
      const elements = [...view.element.querySelectorAll("*")].map(({ tagName }) => tagName.toLowerCase());
      expect(new Set(elements)).toEqual(new Set(["div", "code", "span", "details", "summary", "pre"]));
    }
  });
});

describe("a call as text", () => {
  it("keeps numbers, escapes and names as the model wrote them", () => {
    const given = '{"n":12345678901234567890,"x":1.10,"x":2,"s":"a\\u00e9,  {\\"b\\":1}","e":[],"o":{}}';
    expect(shortCall("f", given).text).toContain("12345678901234567890");
    expect(longArguments(given).split("\n")).toEqual([
      "{",
      '  "n": 12345678901234567890,',
      '  "x": 1.10,',
      '  "x": 2,',
      '  "s": "a\\u00e9,  {\\"b\\":1}",',
      '  "e": [],',
      '  "o": {}',
      "}",
    ]);
  });

  it("is the model's own text where that is not JSON", () => {
    expect(shortCall("f", "{'a': 1")).toEqual({ text: "f({'a': 1)", isWhole: true });
    expect(shortCall("f", "a\nb")).toEqual({ text: "f(a b)", isWhole: false });
    expect(longArguments("a\nb")).toBe("a\nb");
  });

  it("shows signs that reorder text", () => {
    expect(shortCall("f", '"a\u202eb"').text).toBe('f("a⟨U+202E⟩b")');
    expect(longArguments('"\u2066"')).toBe('"⟨U+2066⟩"');
  });

  it("does not grow with its depth", () => {
    const depth = 3000;
    expect(longArguments("[".repeat(depth) + "]".repeat(depth)).length).toBeLessThan(100 * depth);
  });

  it("is cut between characters, with its parentheses", () => {
    const { text, isWhole } = shortCall("f", JSON.stringify("🐧".repeat(80)));
    expect(isWhole).toBe(false);
    expect(text).toMatch(/^f\("🐧+…\)$/u);
  });
});
