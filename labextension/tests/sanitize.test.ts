import { beforeEach, describe, expect, it } from "vitest";
import { ansi, overwritten } from "../src/ansi";
import { markdownToHtml } from "../src/markdown";
import { outputOf } from "../src/mime";
import { rendererFor } from "../src/render";
import { sanitize } from "../src/sanitize";
import { HOSTILE_HTML, HOSTILE_MARKDOWN, HOSTILE_TEXT } from "./hostile";

const BAD_TAGS =
  "script,style,iframe,frame,object,embed,form,input,button,select,textarea,video,audio,source,link,meta,base,svg,dialog,template";
const BAD_ATTRIBUTES = ["src", "srcset", "background", "poster", "ping", "srcdoc", "action", "formaction", "autofocus"];

/** Everything in `root` that could act, be fetched, or pretend to be ours. */
function offences(root: ParentNode): string[] {
  const found = [...root.querySelectorAll(BAD_TAGS)].map(({ tagName }) => tagName);
  for (const element of root.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      const isImage = name === "src" && element.tagName === "IMG" && value.startsWith("data:image/");
      const isBad = /^(?:on|data-)/.test(name) || (BAD_ATTRIBUTES.includes(name) && !isImage);
      const isBadLink = /^(?:xlink:)?href$/.test(name) && !/^(?:https?:|mailto:)/.test(value);
      const isBadStyle = name === "style" && /url|position|expression|\\/i.test(value);
      const isBadName = /^(?:id|name)$/.test(name) && !value.startsWith("user-content-");
      const isBadClass = name === "class" && /\b(?:aj-|jp-Dialog)/.test(value);
      if (isBad || isBadLink || isBadStyle || isBadName || isBadClass) {
        found.push(`${element.tagName} ${name}=${value}`);
      }
    }
  }
  return found;
}

function parsed(html: string): HTMLElement {
  const element = document.createElement("div");
  element.innerHTML = html;
  return element;
}

beforeEach(() => {
  Reflect.deleteProperty(globalThis, "pwned");
});

describe("hostile strings", () => {
  it.each(HOSTILE_HTML)("as HTML: %j", (html) => {
    expect(offences(parsed(sanitize(html)))).toEqual([]);
    expect(globalThis).not.toHaveProperty("pwned");
  });

  it.each(HOSTILE_MARKDOWN)("as Markdown: %j", async (text) => {
    expect(offences(await rendererFor({}).markdown(text))).toEqual([]);
    expect(globalThis).not.toHaveProperty("pwned");
  });

  it.each(HOSTILE_TEXT)("as text: %j", (text) => {
    const element = document.createElement("pre");
    element.append(ansi(text));
    expect(offences(element)).toEqual([]);
    expect(element.querySelectorAll(":not(span)").length).toBe(0);
  });

  it.each(HOSTILE_HTML)("as an output: %j", (html) => {
    for (const type of ["text/html", "text/markdown", "text/plain", "text/latex", "application/json"]) {
      const holder = document.createElement("div");
      holder.append(outputOf({ [type]: html }));
      for (const own of holder.querySelectorAll("[class]")) {
        own.classList.remove("aj-plain", "aj-instead");
      }
      expect(offences(holder)).toEqual([]);
    }
  });
});

it("a remote image becomes a link that says where it leads", () => {
  const link = parsed(sanitize('<img src="https://x.example/a.png" alt="a plot">')).querySelector("a");
  expect(link?.href).toBe("https://x.example/a.png");
  expect(link?.textContent).toBe("Image: a plot");
  expect(link?.rel).toBe("noopener noreferrer");
});

it("an SVG is shown as an image, where it cannot act", () => {
  const image = outputOf({ "image/svg+xml": "<svg onload='x'/>" });
  expect(image.tagName).toBe("IMG");
  expect(image.getAttribute("src")).toMatch(/^data:image\/svg\+xml/);
});

it("a DataFrame keeps its table and the alignment of its columns", () => {
  const table = parsed(sanitize('<table class="dataframe"><tr style="text-align: right;"><th>a</th></tr></table>'));
  expect(table.querySelector("table.dataframe th")?.textContent).toBe("a");
  expect(table.querySelector("tr")?.getAttribute("style")).toContain("text-align: right");
});

it("Markdown keeps tables, code with its language, and task lists", () => {
  const made = parsed(sanitize(markdownToHtml("| a |\n|---|\n| 1 |\n\n```python\nx = 1\n```")));
  expect(made.querySelector("td")?.textContent).toBe("1");
  expect(made.querySelector("code.language-python")?.textContent).toBe("x = 1\n");
});

it("colours become classes, and what a progress bar overwrote is gone", () => {
  const element = document.createElement("pre");
  element.append(ansi("\u001b[31mred\u001b[0m"));
  expect(element.querySelector(".ansi-red-fg")?.textContent).toBe("red");
  expect(overwritten("10%\r50%\r100%\nabc\b\bX\r\nend")).toBe("100%\naXc\nend");
});

it("the application's renderer is used with both sanitizers in a row", () => {
  let given: { sanitize(html: string): string } | undefined;
  const registry = {
    sanitizer: { sanitize: (html: string) => html.replace("one", "") },
    clone(options: { sanitizer: { sanitize(html: string): string } }) {
      given = options.sanitizer;
      return this;
    },
    createRenderer: () => ({ node: document.createElement("div"), renderModel: async () => undefined }),
  };
  rendererFor({ rendermime: registry });
  expect(given?.sanitize("one two <img src='https://evil.example/x'>")).not.toMatch(/one|<img/);
});
