// The tools that a message asks for: a row for each call, with its arguments, when they are long, and its result folded away.
import { visible } from "../direction_marks";
import { h, setText } from "../dom";
import type { ToolUse } from "../protocol";
import { longArguments, shortCall } from "../tool_call";
import { trans } from "../words";
import { duration } from "./header";

export class ToolsView {
  readonly element = h("div", { class: "aj-tools", hidden: true });
  private readonly rows: ToolRow[] = [];

  /** Rows stay in place, so that what the reader opened stays open. */
  update(uses: readonly ToolUse[]): void {
    this.element.hidden = uses.length === 0;
    for (const { element } of this.rows.splice(uses.length)) {
      element.remove();
    }
    for (const [index, use] of uses.entries()) {
      let row = this.rows[index];
      if (row === undefined) {
        row = new ToolRow();
        this.rows.push(row);
        this.element.append(row.element);
      }
      row.update(use);
    }
  }
}

class ToolRow {
  private readonly call = h("code", { class: "aj-call", dir: "ltr" });
  private readonly state = h("span", { class: "aj-tool-state" });
  private readonly took = h("span", { class: "aj-took" });
  private readonly given = new Fold(trans.__("Arguments"), "ltr");
  private readonly result = new Fold(trans.__("Result"), "auto");
  private use: ToolUse | undefined;
  private startedAt = 0;
  private timer = 0;
  readonly element: HTMLElement;

  constructor() {
    const head = h("div", { class: "aj-tool-head" }, this.call, " ", this.state, " ", this.took);
    this.element = h("div", { class: "aj-tool", role: "group" }, head, this.given.element, this.result.element);
  }

  update(use: ToolUse): void {
    const before = this.use;
    if (before === use) {
      return;
    }
    this.use = use;
    const state = stateOf(use.state);
    this.element.dataset.state = use.state;
    this.element.setAttribute("aria-label", trans.__("Call of %1: %2", use.name, state));
    setText(this.state, state);
    if (before?.name !== use.name || before.arguments !== use.arguments) {
      const { text, isWhole } = shortCall(use.name, use.arguments);
      setText(this.call, text);
      this.given.update(isWhole ? "" : longArguments(use.arguments));
    }
    this.result.update(visible(use.result));
    if (use.state === "error" && before?.state !== "error") {
      this.result.element.open = true;
    }
    this.tick();
  }

  private tick(): void {
    clearTimeout(this.timer);
    const { state, seconds } = this.use ?? { state: "asked", seconds: null };
    if (state !== "running") {
      setText(this.took, seconds === null ? "" : duration(seconds));
      return;
    }
    this.startedAt ||= Date.now();
    const passed = Math.floor((Date.now() - this.startedAt) / 1000);
    setText(this.took, passed >= 1 ? duration(passed) : "");
    this.timer = setTimeout(() => this.element.isConnected && this.tick(), 1000);
  }
}

/** Text behind a click; nothing at all when it is empty. */
class Fold {
  private readonly text: HTMLElement;
  readonly element: HTMLDetailsElement;

  constructor(name: string, dir: "auto" | "ltr") {
    this.text = h("pre", { class: "aj-plain", tabindex: "0", dir });
    this.element = h("details", { class: "aj-reads", hidden: true }, h("summary", {}, name), this.text);
  }

  update(text: string): void {
    setText(this.text, text);
    this.element.hidden = text.trim() === "";
  }
}

function stateOf(state: ToolUse["state"]): string {
  switch (state) {
    case "asked":
      return trans.__("Not run yet");
    case "running":
      return trans.__("Running");
    case "ok":
      return trans.__("Done");
    case "error":
      return trans.__("Error");
    case "interrupted":
      return trans.__("Interrupted");
    case "refused":
      return trans.__("Not run");
    default:
      return unknown(state);
  }
}

function unknown(state: never): string {
  return String(state);
}
