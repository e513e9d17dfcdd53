import { expect, it } from "vitest";
import { markdownToHtml } from "../src/markdown";
import { fenced } from "../src/view/code";

it("code that holds fences stays one block of code", () => {
  const code = 'print("""\n```python\n1/0\n````\n""")';
  const holder = document.createElement("div");
  holder.innerHTML = markdownToHtml(fenced({ language: "python", code }));
  expect(holder.children.length).toBe(1);
  expect(holder.querySelector("code")?.textContent).toBe(`${code}\n`);
});

it("a language cannot smuggle anything into the fence", () => {
  expect(fenced({ language: "py\n```<b>", code: "1" })).toBe("```pyb\n1\n```\n");
});
