// The question to the person, with its answers. "May this run?" and "what do you say?" are two forms.
import type { Chat } from "../chat";
import { button, h } from "../dom";
import type { Request } from "../protocol";
import { trans } from "../words";
import { approvalForm } from "./approval";
import { answerForm, choiceForm, type Form, replyForm } from "./forms";
import { isChord, isTyping, keysHelp } from "./keys";

const WAITING_AFTER = 1500;
/** Milliseconds until the message above the question is drawn whole, which moves the question down. */
const SETTLED_AFTER = 300;

export class PromptView {
  readonly element = h("section", { class: "aj-prompt", hidden: true, "data-lm-suppress-shortcuts": "true" });
  private readonly note = h("div", { class: "aj-note", role: "status" });
  private readonly helpButton = button("?", () => this.toggleHelp(), "quiet");
  private help = h("div", { hidden: true });
  private form: Form | undefined;
  private id: string | undefined;
  private timer = 0;
  private settle = 0;

  constructor(
    private readonly chat: Chat,
    signal: AbortSignal,
    private readonly giveFocusBack: () => void,
  ) {
    // The front end has its own meaning for most keys: while somebody answers, none of them may reach it.
    for (const type of ["keydown", "keypress", "keyup"]) {
      this.element.addEventListener(type, (event) => event.stopPropagation(), { signal });
    }
    this.element.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.helpButton.classList.add("aj-help-button");
    this.helpButton.setAttribute("aria-label", trans.__("? Keys"));
    this.helpButton.title = trans.__("Keys");
    signal.addEventListener("abort", () => {
      clearTimeout(this.timer);
      clearTimeout(this.settle);
    });
  }

  update(isOnPage: boolean): void {
    const { request, isAnswered, note } = this.chat.state;
    this.element.hidden = request === null && note === ""; // before the focus is set: what is hidden takes none
    if (request?.id !== this.id) {
      this.id = request?.id;
      this.replace(request, isOnPage);
    }
    const isOff = isAnswered || !this.chat.isConnected;
    this.form?.element.toggleAttribute("inert", isOff);
    for (const control of this.element.querySelectorAll<HTMLButtonElement | HTMLTextAreaElement>(
      "button, textarea, input",
    )) {
      control.disabled = isOff;
    }
    this.element.classList.toggle("aj-answered", isAnswered);
    if (request === null) {
      this.note.textContent = note;
    }
  }

  private replace(request: Request | null, isOnPage: boolean): void {
    const hadFocus = this.element.contains(document.activeElement);
    clearTimeout(this.timer);
    clearTimeout(this.settle);
    this.note.textContent = "";
    this.form = request ? this.formOf(request) : undefined;
    this.help = h("div", { hidden: true }, ...(request ? [keysHelp(request.type)] : []));
    this.helpButton.setAttribute("aria-expanded", "false");
    this.element.replaceChildren(...(this.form ? [this.form.element, this.helpButton, this.help] : []), this.note);
    this.element.setAttribute("aria-label", request ? trans.__("Question to you") : trans.__("Last question"));
    if (this.form && isOnPage && !isTypingElsewhere(this.element)) {
      this.form.focus();
      this.showIfNear();
      this.settle = setTimeout(() => this.showIfNear(), SETTLED_AFTER);
    } else if (!this.form && hadFocus) {
      this.giveFocusBack();
    }
  }

  private toggleHelp(): void {
    this.help.hidden = !this.help.hidden;
    this.helpButton.setAttribute("aria-expanded", String(!this.help.hidden));
    if (!this.help.hidden) {
      this.help.scrollIntoView?.({ block: "nearest" });
    }
  }

  private onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || isChord(event) || event.isComposing) {
      return;
    }
    if (event.key === "?" && !isTyping(event.target)) {
      event.preventDefault();
      this.toggleHelp();
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.giveFocusBack();
    }
  }

  /** Scroll the page only for a reader who looks at this chat already. */
  private showIfNear(): void {
    const { top, bottom } = (this.element.parentElement ?? this.element).getBoundingClientRect();
    if (top < window.innerHeight && bottom > 0) {
      this.element.scrollIntoView?.({ block: "nearest" });
    }
  }

  private formOf(request: Request): Form {
    const answer: Chat["answer"] = (...given) => {
      this.chat.answer(...given);
      this.timer = setTimeout(() => {
        this.note.textContent = trans.__("Sent. The kernel has not taken it yet.");
      }, WAITING_AFTER);
    };
    switch (request.type) {
      case "approval":
        return approvalForm(request, answer);
      case "reply":
        return replyForm(request, answer);
      case "choice":
        return choiceForm(request, answer);
      case "text":
      case "password":
        return answerForm(request, answer);
      default:
        return unknown(request.type);
    }
  }
}

function unknown(type: never): Form {
  return {
    element: h("div", {}, trans.__("This page cannot ask a question of the kind %1. Reload it.", String(type))),
    focus() {},
  };
}

/** Nobody likes to lose the cursor in the middle of a word. */
function isTypingElsewhere(own: HTMLElement): boolean {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || own.contains(active)) {
    return false;
  }
  return active.isContentEditable || active.matches("input, textarea, select, [role='textbox']");
}
