// The forms for a reply, a choice, and a line of text; and the parts they share with the approval.
import type { Chat } from "../chat";
import { button, h } from "../dom";
import type { Request } from "../protocol";
import { sentence, trans } from "../words";
import { arrowKeys, sendKey } from "./keys";

export interface Form {
  readonly element: HTMLElement;
  /** Take the focus, once, when the question appears. */
  focus(): void;
}

export type Answer = Chat["answer"];

export function replyForm({ agent, sender, is_last }: Request, answer: Answer): Form {
  const box = replyBox((text) => answer("reply", text));
  const others = is_last ? [] : [button(trans.__("Continue"), () => answer("continue"))];
  const hint = is_last
    ? trans.__("Without a reply the chat ends.")
    : trans.__("Continue lets the agents go on without you.");
  const asked = agent
    ? sentence((whom, who) => trans.__("Reply to %1 as %2", whom, who), name(sender), name(agent))
    : sentence((whom) => trans.__("Reply to %1", whom), name(sender));
  const element = form(
    h("p", { class: "aj-question", dir: "auto" }, ...asked),
    h("p", { class: "aj-hint" }, hint),
    box.element,
    actions([box.send, ...others, endButton(answer)], [trans.__("%1 sends", sendKey())]),
  );
  return { element, focus: () => box.input.focus({ preventScroll: true }) };
}

export function choiceForm({ prompt, choices }: Request, answer: Answer): Form {
  const buttons = choices.map((choice) => button(choice, () => answer("choose", choice)));
  const element = form(question(prompt), actions(buttons, []));
  return { element, focus: () => buttons[0]?.focus({ preventScroll: true }) };
}

export function answerForm({ type, prompt }: Request, answer: Answer): Form {
  const input = h("input", {
    class: "aj-input",
    type: type === "password" ? "password" : "text",
    "aria-label": prompt.trim() || trans.__("Your answer"),
    autocomplete: "off",
    spellcheck: "false",
    dir: "auto",
  });
  const send = () => answer("text", input.value);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      send();
    }
  });
  const element = form(
    question(prompt),
    input,
    actions([button(trans.__("Send"), send, "primary")], [trans.__("Enter sends")]),
  );
  return { element, focus: () => input.focus({ preventScroll: true }) };
}

export interface ReplyBox {
  readonly element: HTMLElement;
  readonly input: HTMLTextAreaElement;
  readonly send: HTMLButtonElement;
}

export function replyBox(onSend: (text: string) => void): ReplyBox {
  const input = h("textarea", {
    class: "aj-input",
    "aria-label": trans.__("Your reply"),
    placeholder: trans.__("Your reply"),
    rows: "2",
    dir: "auto",
  });
  const send = () => (input.value.trim() === "" ? input.focus() : onSend(input.value));
  growing(input, 2, 12);
  onSendKey(input, send);
  return { element: input, input, send: button(trans.__("Send"), send, "primary") };
}

/** Let a box be as high as its text, within bounds. */
export function growing(input: HTMLTextAreaElement, least: number, most: number): void {
  const resize = () => {
    input.rows = Math.min(most, Math.max(least, input.value.split("\n").length));
  };
  input.addEventListener("input", resize);
  resize();
}

export function onSendKey(element: HTMLElement, send: () => void): void {
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      send();
    }
  });
}

export function form(...children: (Node | string)[]): HTMLElement {
  return h("div", { class: "aj-form", role: "group", tabindex: "-1" }, ...children);
}

export function actions(buttons: HTMLElement[], keys: string[]): HTMLElement {
  const hints = keys.map((key) => h("span", { class: "aj-keys", "aria-hidden": "true" }, key));
  const element = h("div", { class: "aj-actions" }, ...buttons, ...hints);
  arrowKeys(element);
  return element;
}

export function endButton(answer: Answer): HTMLButtonElement {
  return button(trans.__("End chat"), () => answer("end"), "quiet");
}

export function name(text: string): HTMLElement {
  return h("bdi", { class: "aj-name" }, text);
}

export function runKey(): string {
  return trans.__("%1 runs", sendKey());
}

export function backKey(): string {
  return trans.__("Esc goes back");
}

function question(prompt: string): HTMLElement {
  return h("p", { class: "aj-question aj-verbatim", dir: "auto" }, prompt);
}
