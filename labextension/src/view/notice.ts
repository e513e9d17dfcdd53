// Something to know that no agent said.
import { h, setText } from "../dom";
import type { Entry } from "../protocol";
import type { EntryView } from "./log";

export class NoticeView implements EntryView {
  private readonly text = h("span", { class: "aj-notice-text", dir: "auto" });
  readonly element = h("div", { class: "aj-entry aj-notice" }, this.text);

  update(entry: Entry): void {
    if (entry.kind === "notice") {
      this.element.dataset.level = entry.level;
      setText(this.text, entry.text);
    }
  }
}
