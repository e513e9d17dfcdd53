// What an agent or a person said: who to whom, the text, the tools it asks for, and the model's thinking folded away.
import { h, setText, Throttle } from "../dom";
import type { Entry, MessageEntry } from "../protocol";
import type { Renderer } from "../render";
import { trans } from "../words";
import type { Cast } from "./cast";
import type { EntryView } from "./log";
import { Patched } from "./patched";
import { ToolsView } from "./tools";

export class MessageView implements EntryView {
  private readonly avatar = h("span", { class: "aj-avatar", "aria-hidden": "true" });
  private readonly sender = h("span", { class: "aj-sender", dir: "auto" });
  private readonly recipient = h("span", { class: "aj-recipient", dir: "auto" });
  private readonly mark = h("span", { class: "aj-mark" });
  private readonly thinking = h("div", { class: "aj-thinking-text", dir: "auto" });
  private readonly thoughts = h(
    "details",
    { class: "aj-thinking", hidden: true },
    h("summary", {}, trans.__("Thinking")),
    this.thinking,
  );
  private readonly text: Patched;
  private readonly tools = new ToolsView();
  private readonly throttle = new Throttle(() => this.draw());
  private entry: MessageEntry | undefined;
  private drawn: string | undefined;
  readonly element: HTMLElement;

  constructor(
    renderer: Renderer,
    private readonly cast: Cast,
  ) {
    this.text = new Patched(renderer);
    const head = h("div", { class: "aj-head" }, this.sender, this.recipient, this.mark);
    const body = h("div", { class: "aj-body" }, head, this.thoughts, this.text.element, this.tools.element);
    this.element = h("article", { class: "aj-entry aj-message" }, this.avatar, body);
  }

  update(entry: Entry): void {
    if (entry.kind !== "message") {
      return;
    }
    this.entry = entry;
    const { sender, recipient } = entry;
    this.element.dataset.role = entry.role;
    this.element.dataset.state = entry.state;
    this.element.dataset.color = String(this.cast.colorOf(sender));
    this.element.setAttribute("aria-label", recipient ? trans.__("%1 to %2", sender, recipient) : sender);
    setText(this.avatar, [...sender][0]?.toLocaleUpperCase() ?? "?");
    setText(this.sender, sender);
    setText(this.recipient, recipient && !this.cast.isManager(recipient) ? trans.__("to %1", recipient) : "");
    setText(this.mark, markOf(entry));
    this.thoughts.hidden = entry.reasoning === "";
    setText(this.thinking, entry.reasoning);
    this.tools.update(entry.tool_calls);
    this.element.hidden = isEmpty(entry);
    this.throttle.request();
  }

  end(): void {
    this.throttle.stop();
  }

  private async draw(): Promise<void> {
    const text = this.entry?.text ?? "";
    if (text !== this.drawn) {
      this.drawn = text;
      await this.text.update(text);
    }
  }
}

/** A reply may turn out to be only the word that ends the chat, which nobody is shown. */
function isEmpty({ state, text, reasoning, tool_calls }: MessageEntry): boolean {
  return state === "done" && text.trim() === "" && reasoning.trim() === "" && tool_calls.length === 0;
}

function markOf(entry: MessageEntry): string {
  switch (entry.state) {
    case "writing":
      return trans.__("writing");
    case "stopped":
      return trans.__("stopped");
    case "done":
      return entry.model && !entry.is_language_model ? entry.model : "";
    default:
      return unknown(entry.state);
  }
}

function unknown(state: never): string {
  return String(state);
}
