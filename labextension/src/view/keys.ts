// The keys of a question: help that is shown with `?`, and the arrow keys between buttons.
import { h } from "../dom";
import type { Request } from "../protocol";
import { trans } from "../words";

export function sendKey(): string {
  return /Mac|iPhone|iPad/.test(navigator.platform) ? trans.__("⌘ Enter") : trans.__("Ctrl+Enter");
}

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
  return h("dl", { class: "aj-help", "aria-label": trans.__("Keys") }, ...rows);
}

function keysOf(type: Request["type"]): [string, string][] {
  const always: [string, string][] = [
    [trans.__("Tab, arrow keys"), trans.__("go from button to button")],
    [trans.__("Esc"), trans.__("goes back, and then out of the question")],
    ["?", trans.__("shows or hides this")],
  ];
  switch (type) {
    case "approval":
      return [[sendKey(), trans.__("runs the code, as it is or as you edited it; sends a reply")], ...always];
    case "reply":
      return [[sendKey(), trans.__("sends your reply")], ...always];
    case "choice":
      return [[trans.__("Enter"), trans.__("chooses")], ...always];
    case "text":
    case "password":
      return [[trans.__("Enter"), trans.__("sends")], ...always];
    default:
      return unknown(type, always);
  }
}

function unknown<Keys>(_type: never, always: Keys): Keys {
  return always;
}
