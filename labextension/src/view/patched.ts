// Rendered Markdown that grows without flicker: of each new rendering only the blocks that differ are put into the page, so that a
// selection, a scrolled code block or a set formula above stays as it is.
import { makeVisible } from "../direction_marks";
import { h } from "../dom";
import type { Renderer } from "../render";
import { withCopyButton } from "./code";

export class Patched {
  readonly element = h("div", { class: "aj-text", dir: "auto" });
  private shown: string[] = [];

  constructor(private readonly renderer: Renderer) {}

  async update(text: string): Promise<void> {
    const made = await this.renderer.markdown(text);
    this.element.className = `aj-text jp-RenderedHTMLCommon ${made.className}`;
    const fresh = [...made.childNodes].filter((node) => node instanceof Element || node.textContent?.trim());
    const keys = fresh.map((node) => (node instanceof Element ? node.outerHTML : (node.textContent ?? "")));
    const same = keys.findIndex((key, index) => key !== this.shown[index]);
    const kept = same < 0 ? keys.length : same;
    while (this.element.childNodes.length > kept) {
      this.element.lastChild?.remove();
    }
    const added = fresh.slice(kept).map((node) => this.prepared(node));
    this.element.append(...added);
    this.shown = keys;
    if (/\$|\\[([]|\\begin/.test(text)) {
      for (const node of added) {
        this.renderer.typeset(node);
      }
    }
  }

  /** Blocks read in their own direction; code can be copied; wide tables scroll by themselves. */
  private prepared(node: ChildNode): HTMLElement {
    const block = node instanceof HTMLElement ? node : h("span", {}, node);
    if (block.tagName === "PRE") {
      return withCopyButton(block);
    }
    if (block.tagName === "TABLE") {
      return h("div", { class: "aj-wide", tabindex: "0" }, block);
    }
    block.setAttribute("dir", "auto");
    for (const code of block.querySelectorAll("code:not(pre code)")) {
      makeVisible(code);
    }
    for (const code of block.querySelectorAll("pre")) {
      const holder = document.createComment("");
      code.replaceWith(holder);
      holder.replaceWith(withCopyButton(code));
    }
    return block;
  }
}
