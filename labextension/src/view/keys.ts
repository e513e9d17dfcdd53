// The keys of a question: help that is shown with `?`, and the arrow keys between buttons.
import { h } from "../dom";
import type { Request } from "../protocol";

export const SEND_KEY = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘ Enter" : "Ctrl+Enter";

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Let the arrow keys go from button to button, and Home and End to the first and the last. */
export function arrowKeys(element: HTMLElement): void {
  element.addEventListener("keydown", (event) => {
    const buttons = [...element.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")].filter(
      (button) => button.closest("[hidden]") === null,
    );
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = at < 0 || isChord(event) ? undefined : target(event.key, at, buttons.length);
    if (to !== undefined) {
      event.preventDefault();
      buttons[to]?.focus();
    }
  });
}

function target(key: string, at: number, count: number): number | undefined {
  const step = STEPS[key];
  if (step !== undefined) {
    return (at + step + count) % count;
  }
  return key === "Home" ? 0 : key === "End" ? count - 1 : undefined;
}

export function isChord(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** Whether a key typed here writes a character. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input, textarea, select");
}

export function keysHelp(type: Request["type"]): HTMLElement {
  const rows = keysOf(type).flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)]);
  return h("dl", { class: "aj-help", "aria-label": "Keys" }, ...rows);
}

const ALWAYS: [string, string][] = [
  ["Tab, arrow keys", "go from button to button"],
  ["Esc", "goes back, and then out of the question"],
  ["?", "shows or hides this"],
];

function keysOf(type: Request["type"]): [string, string][] {
  switch (type) {
    case "approval":
      return [[SEND_KEY, "runs the code, as it is or as you edited it; sends a reply"], ...ALWAYS];
    case "reply":
      return [[SEND_KEY, "sends your reply"], ...ALWAYS];
    case "choice":
      return [["Enter", "chooses"], ...ALWAYS];
    case "text":
    case "password":
      return [["Enter", "sends"], ...ALWAYS];
    default:
      return unknown(type);
  }
}

function unknown(_type: never): [string, string][] {
  return ALWAYS;
}
