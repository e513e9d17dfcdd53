// A block of code that can be copied.
import { button, copy, h } from "../dom";
import type { Code } from "../protocol";

const COPIED_FOR = 1500;

export function withCopyButton(code: HTMLElement): HTMLElement {
  const language = /(?:^|\s)language-([\w+#-]+)/.exec(code.querySelector("code")?.className ?? "")?.[1] ?? "";
  const tell = h("span", { class: "aj-copied", role: "status" });
  const copyButton = button("Copy code", () => void onCopy(), "quiet");
  const onCopy = async () => {
    tell.textContent = (await copy((code.textContent ?? "").replace(/\n$/, "")))
      ? "Copied"
      : "Copying is not allowed here";
    setTimeout(() => {
      tell.textContent = "";
    }, COPIED_FOR);
  };
  code.setAttribute("tabindex", "0");
  code.setAttribute("dir", "ltr");
  const bar = h("div", { class: "aj-code-bar" }, h("span", { class: "aj-language" }, language), tell, copyButton);
  return h("div", { class: "aj-code" }, bar, code);
}

export function codeBlock({ language, code }: Code): HTMLElement {
  return withCopyButton(h("pre", {}, h("code", { class: `language-${language.replace(/[^\w+#-]/g, "")}` }, code)));
}
