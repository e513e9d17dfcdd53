// @vitest-environment jsdom
import { expect, test } from "vitest";
import { NoticeView } from "../src/view/notice";

const drawn = (text: string) => {
  const view = new NoticeView();
  view.update({ kind: "notice", id: "n1", text, level: "info" });
  return view.element;
};

test("a notice of one line is not folded", () => {
  expect(drawn("The agent kernel was restarted.").querySelector("details")).toBeNull();
});

test("of a long notice the first line is shown and the rest is folded", () => {
  const element = drawn("No language model found.\nTo use one:\n    ollama pull qwen3:8b\n    %%agentchat -m x");
  const details = element.querySelector("details");
  expect(element.querySelector(".aj-notice-text")?.firstChild?.textContent).toBe("No language model found.");
  expect(details?.open).toBe(false);
  expect(details?.querySelector("div")?.textContent).toBe("To use one:");
  expect(details?.querySelector("pre")?.textContent).toBe("    ollama pull qwen3:8b\n    %%agentchat -m x");
});

test("the text of a notice is never HTML", () => {
  expect(drawn("<img src=x>\n  <img src=x>").querySelector("img")).toBeNull();
});
