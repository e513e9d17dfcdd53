// Text of a run. A long one shows a part and its size; the rest is a click away, never cut.
import { ansi, overwritten } from "../ansi";
import { button, h } from "../dom";
import { trans } from "../words";

const LINES = 20;
const CHARACTERS = 4000;

export class LongText {
  private readonly pre = h("pre", { class: "aj-plain", tabindex: "0", dir: "auto" });
  private readonly toggle: HTMLButtonElement;
  private text = "";
  private isSettled = false;
  private isOpen = false;
  readonly element: HTMLElement;

  /** @param part - which part a collapsed text shows once it has stopped growing; before that, always its end. */
  constructor(private readonly part: "start" | "end") {
    this.toggle = button("", () => this.onToggle(), "quiet");
    this.element = h("div", { class: "aj-long" }, this.pre, this.toggle);
  }

  update(text: string, isSettled: boolean): void {
    this.text = overwritten(text).replace(/\n$/, "");
    this.isSettled = isSettled;
    this.draw();
  }

  settle(isSettled: boolean): void {
    if (isSettled !== this.isSettled) {
      this.isSettled = isSettled;
      this.draw();
    }
  }

  private onToggle(): void {
    this.isOpen = !this.isOpen;
    this.draw();
  }

  private draw(): void {
    const part = this.isSettled ? this.part : "end";
    const shown = part === "start" ? startOf(this.text) : endOf(this.text);
    const isLong = shown.length < this.text.length;
    this.toggle.hidden = !isLong;
    this.toggle.textContent = this.isOpen ? trans.__("Show less") : trans.__("Show all (%1)", sizeOf(this.text));
    this.element.dataset.cut = isLong && !this.isOpen ? part : "";
    this.pre.replaceChildren(ansi(this.isOpen ? this.text : shown));
  }
}

function startOf(text: string): string {
  let end = -1;
  for (let line = 0; line < LINES; line++) {
    end = text.indexOf("\n", end + 1);
    if (end < 0) {
      return text.slice(0, CHARACTERS);
    }
  }
  return text.slice(0, Math.min(end, CHARACTERS));
}

function endOf(text: string): string {
  let start = text.length;
  for (let line = 0; line < LINES; line++) {
    start = text.lastIndexOf("\n", start - 1);
    if (start < 0) {
      return text.slice(-CHARACTERS);
    }
    if (start === 0) {
      break;
    }
  }
  return text.slice(Math.max(start + 1, text.length - CHARACTERS));
}

function sizeOf(text: string): string {
  const { length } = text;
  const lines = text.split("\n").length;
  const size =
    length < 1000
      ? trans._n("%1 character", "%1 characters", length)
      : trans.__("%1 kB", Math.round(length / 1000).toLocaleString("en"));
  return `${trans._n("%2 line", "%2 lines", lines, lines.toLocaleString("en"))}, ${size}`;
}
