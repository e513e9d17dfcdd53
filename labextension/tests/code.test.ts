import { expect, it, vi } from "vitest";
import { markdownToHtml } from "../src/markdown";
import { rendererFor } from "../src/render";
import { fenced } from "../src/view/code";
import { Patched } from "../src/view/patched";

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

it("code shows the characters that would turn its text around, and is copied as it is", async () => {
  const code = "if access != 'user\u202e \u2066# check\u2069 \u2066':\n  delete()";
  const copied = vi.fn(async (_text: string) => undefined);
  vi.stubGlobal("navigator", { clipboard: { writeText: copied } });
  const text = new Patched(rendererFor(null));
  await text.update(
    `Run \`a\u202eb\`, or שלום:\n\n${fenced({ language: "python", code })}\n- also\n\n  \`\`\`\n  c\u202d\n  \`\`\`\n`,
  );
  const [inline, block, nested] = [...text.element.querySelectorAll("code")].map(({ textContent }) => textContent);
  expect(inline).toBe("a⟨U+202E⟩b");
  expect(block).toContain("'user⟨U+202E⟩ ⟨U+2066⟩# check⟨U+2069⟩ ⟨U+2066⟩'");
  expect(nested).toContain("c⟨U+202D⟩");
  text.element.querySelector<HTMLElement>(".aj-code-bar button")?.click();
  expect(copied).toHaveBeenCalledWith(code);
  vi.unstubAllGlobals();
});
