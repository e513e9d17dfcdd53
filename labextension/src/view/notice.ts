// Something to know that no agent said: its first line, and the rest folded away.
import { h } from "../dom";
import type { Entry } from "../protocol";
import { trans } from "../words";
import type { EntryView } from "./log";

export class NoticeView implements EntryView {
  private readonly text = h("div", { class: "aj-notice-text", dir: "auto" });
  private shown = "";
  readonly element = h("div", { class: "aj-entry aj-notice" }, this.text);

  update(entry: Entry): void {
    if (entry.kind !== "notice") {
      return;
    }
    this.element.dataset.level = entry.level;
    if (entry.text !== this.shown) {
      this.shown = entry.text;
      this.text.replaceChildren(...partsOf(entry.text));
    }
  }

  end(): void {}
}

function partsOf(text: string): (Node | string)[] {
  const [first = "", ...rest] = text.replace(/^\n+|\s+$/g, "").split("\n");
  if (rest.length === 0) {
    return [first];
  }
  return [first, h("details", { class: "aj-more" }, h("summary", {}, trans.__("More")), ...blocksOf(rest))];
}

/** Indented lines are code to copy: they keep their breaks. */
function blocksOf(lines: readonly string[]): HTMLElement[] {
  const blocks: { isCode: boolean; lines: string[] }[] = [];
  for (const line of lines) {
    const isCode = /^[ \t]/.test(line);
    const last = blocks.at(-1);
    if (last?.isCode === isCode) {
      last.lines.push(line);
    } else {
      blocks.push({ isCode, lines: [line] });
    }
  }
  return blocks.map(({ isCode, lines }) =>
    isCode
      ? h("pre", { class: "aj-plain", tabindex: "0", dir: "ltr" }, lines.join("\n"))
      : h("div", {}, lines.join("\n")),
  );
}
