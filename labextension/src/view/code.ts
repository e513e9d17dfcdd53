// A block of code that can be copied.
import { makeVisible } from "../direction_marks";
import { button, copy, h } from "../dom";
import { type PluginHook, pluginHook } from "../hook";
import type { Code } from "../protocol";
import { trans } from "../words";

const COPIED_FOR = 1500;

export function withCopyButton(code: HTMLElement): HTMLElement {
  const language = /(?:^|\s)language-([\w+#-]+)/.exec(code.querySelector("code")?.className ?? "")?.[1] ?? "";
  const tell = h("span", { class: "aj-copied", role: "status" });
  const copyButton = button(trans.__("Copy code"), () => void onCopy(), "quiet");
  const source = (code.textContent ?? "").replace(/\n$/, "");
  makeVisible(code);
  const onCopy = async () => {
    tell.textContent = (await copy(source)) ? trans.__("Copied") : trans.__("Copying is not allowed here");
    setTimeout(() => {
      tell.textContent = "";
    }, COPIED_FOR);
  };
  code.setAttribute("tabindex", "0");
  code.setAttribute("dir", "ltr");
  const hook = pluginHook();
  const more = hook === undefined ? [] : insertButtons(hook, { language, code: source }, code);
  const bar = h(
    "div",
    { class: "aj-code-bar" },
    h("span", { class: "aj-language" }, language),
    tell,
    copyButton,
    ...more,
  );
  return h("div", { class: "aj-code" }, bar, code);
}

function insertButtons(hook: PluginHook, text: Code, code: HTMLElement): HTMLElement[] {
  const insert = button(trans.__("Insert cell"), () => hook.insertCell(text, code), "quiet");
  const more = button("⋯", () => hook.openMenu(text, more), "quiet");
  more.setAttribute("aria-label", trans.__("More for this code"));
  more.setAttribute("aria-haspopup", "menu");
  more.title = trans.__("More for this code");
  return [insert, more];
}

/** Code as Markdown, in a fence that the code itself cannot close. */
export function fenced({ language, code }: Code): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language.replace(/[^\w+#-]/g, "")}\n${code}\n${fence}\n`;
}
