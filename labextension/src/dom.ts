// Small helpers to build and update elements.
import { drawing } from "./work";

type Attributes = Record<string, string | boolean | undefined>;

/** Make an element: `h("button", { class: "aj-button" }, "Send")`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children);
  return element;
}

export function button(
  name: string,
  onClick: () => void,
  kind: "primary" | "plain" | "quiet" = "plain",
): HTMLButtonElement {
  const made = h("button", { type: "button", class: `aj-button aj-${kind}` }, name);
  made.addEventListener("click", onClick);
  return made;
}

/** Set text only when it differs: a live region would announce it again otherwise. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
  element.hidden = text === "";
}

/** Milliseconds between two drawings at most: on a slow machine too, the last state is soon seen. */
const LONGEST_GAP = 600;

/** Draws soon, never more often than every 80 ms, and never so often that it takes more than a fifth of the time. */
export class Throttle {
  private timer = 0;
  private isWaiting = false;
  private isDirty = false;
  private notBefore = 0;

  constructor(
    private readonly work: () => void | Promise<void>,
    private readonly gap = 80,
  ) {}

  request(): void {
    if (this.isWaiting) {
      this.isDirty = true;
      return;
    }
    this.isWaiting = true;
    const wait = this.notBefore - performance.now();
    if (wait > 0) {
      this.timer = setTimeout(() => this.add(), wait);
    } else {
      this.add();
    }
  }

  /** Draw no more: what would be drawn is gone. */
  stop(): void {
    this.isWaiting = true;
    clearTimeout(this.timer);
    drawing.drop(this);
  }

  private add(): void {
    drawing.add(this, () => this.run());
  }

  private async run(): Promise<void> {
    this.isDirty = false;
    const start = performance.now();
    try {
      await this.work();
    } finally {
      const end = performance.now();
      this.notBefore = start + Math.max(this.gap, Math.min(5 * (end - start), LONGEST_GAP));
      this.isWaiting = false;
      if (this.isDirty) {
        this.request();
      }
    }
  }
}

/** Copy to the clipboard, also where the page has no right to the modern way (plain http, an embedded frame). */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = h("textarea", { "aria-hidden": "true", style: "position: fixed; opacity: 0" });
    box.value = text;
    document.body.append(box);
    box.select();
    const isCopied = document.execCommand("copy");
    box.remove();
    return isCopied;
  }
}
