// May this code run, or this tool be called? As it is, as the person changes it, or not: then the person says something instead.
import { marksIn, visible } from "../direction_marks";
import { button, h, setText } from "../dom";
import type { Code, Permission, Request } from "../protocol";
import { longArguments, readCall } from "../tool_call";
import { sentence, trans } from "../words";
import {
  type Answer,
  actions,
  backKey,
  endButton,
  type Form,
  form,
  growing,
  name,
  onSendKey,
  type ReplyBox,
  replyBox,
  runKey,
} from "./forms";

const SETTLE = 800;

const OFFERS: Readonly<Record<Permission["scope"], () => string>> = {
  chat: () => trans.__("Run, don't ask again in this chat"),
  alike: () => trans.__("Run, don't ask again for code like this"),
  tool: () => trans.__("Run, don't ask again for this tool"),
};

export function approvalForm(request: Request, answer: Answer): Form {
  return new ApprovalForm(request, answer);
}

class ApprovalForm implements Form {
  readonly element: HTMLElement;
  private readonly asking: HTMLElement;
  private readonly editing: HTMLElement;
  private readonly replying: HTMLElement;
  private readonly edit = button(trans.__("Edit"), () => this.show(this.editing, this.boxes[0]));
  private readonly say = button(trans.__("Reply"), () => this.show(this.replying, this.reply.input));
  private readonly boxes: HTMLTextAreaElement[];
  private readonly reply: ReplyBox;
  private readonly shownAt = Date.now();

  constructor(
    private readonly request: Request,
    private readonly answer: Answer,
  ) {
    this.boxes = request.blocks.map(codeBox);
    this.reply = replyBox((text) => answer("reply", text));
    const run = button(trans.__("Run"), () => this.run(), "primary");
    const calls = isCall(request) ? request.blocks.map(callShown) : [];
    const asked = actions([run, this.edit, this.say, endButton(answer)], [runKey()]);
    this.asking = h("div", {}, ...calls, asked, ...this.offersPart());
    this.editing = this.editPart();
    this.replying = this.replyPart();
    this.element = form(questionOf(request), this.asking, this.editing, this.replying);
    onSendKey(this.asking, () => this.run());
    onSendKey(this.editing, () => this.runEdited());
    this.element.addEventListener("keydown", (event) => this.onKey(event));
  }

  focus(): void {
    this.element.focus({ preventScroll: true });
  }

  /** A yes that also holds for what comes later. */
  private offersPart(): HTMLElement[] {
    const { offers } = this.request;
    if (offers.length === 0) {
      return [];
    }
    const buttons = offers.map(({ scope }) =>
      button(OFFERS[scope](), () => this.answer("run", "", null, scope), "quiet"),
    );
    const alike = offers.find(({ scope }) => scope === "alike");
    const hint = alike ? [h("span", { class: "aj-hint" }, ...likeThis(visible(alike.label)))] : [];
    const part = actions(buttons, []);
    part.classList.add("aj-offers");
    part.append(...hint);
    return [part];
  }

  private editPart(): HTMLElement {
    const run = button(trans.__("Run edited code"), () => this.runEdited(), "primary");
    const buttons = actions([run, this.back(this.edit)], [runKey(), backKey()]);
    return h("div", { hidden: true }, this.marksWarning(), ...this.boxes, buttons);
  }

  /** A box has to show the code as it is. */
  private marksWarning(): HTMLElement {
    const warning = h("p", { class: "aj-hint aj-marks", role: "status" });
    const update = () => {
      const marks = marksIn(this.boxes.map(({ value }) => value).join(""));
      setText(
        warning,
        marks &&
          trans.__("What runs may be other than it reads: the code has characters that turn text around, %1.", marks),
      );
    };
    for (const box of this.boxes) {
      box.addEventListener("input", update);
    }
    update();
    return warning;
  }

  private replyPart(): HTMLElement {
    const instead = isCall(this.request)
      ? trans.__("The tool is not called; your reply is sent instead.")
      : trans.__("The code does not run; your reply is sent instead.");
    const hint = h("p", { class: "aj-hint" }, instead);
    const buttons = actions([this.reply.send, this.back(this.say)], [backKey()]);
    return h("div", { hidden: true }, hint, this.reply.element, buttons);
  }

  private back(to: HTMLButtonElement): HTMLButtonElement {
    return button(trans.__("Cancel"), () => this.show(this.asking, to), "quiet");
  }

  private show(part: HTMLElement, focus: HTMLElement | undefined): void {
    for (const one of [this.asking, this.editing, this.replying]) {
      one.hidden = one !== part;
    }
    focus?.focus({ preventScroll: true });
    this.element.scrollIntoView?.({ block: "nearest" });
  }

  private run(): void {
    this.answer("run");
  }

  private runEdited(): void {
    const code = this.boxes.map((box) => box.value);
    const isChanged = code.some((text, index) => text !== this.request.blocks[index]?.code);
    this.answer("run", "", isChanged ? code : null);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.asking.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.show(this.asking, this.replying.hidden ? this.edit : this.say);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === this.element) {
      // The focus came here by itself: a key that was meant for the next cell must not approve anything.
      if (!this.asking.hidden && !event.repeat && Date.now() - this.shownAt > SETTLE) {
        this.run();
      }
    }
  }
}

/** A tool call comes as a block of JSON between the parentheses of its name. */
function isCall({ blocks }: Request): boolean {
  return blocks.length > 0 && blocks.every(({ language }) => language === "json");
}

function questionOf(request: Request): HTMLElement {
  const { sender, blocks } = request;
  const who = sender ? name(sender) : h("span", {}, trans.__("the assistant"));
  if (!isCall(request)) {
    const size = h("span", { class: "aj-hint" }, sizeOf(blocks));
    const asked = sentence((from) => trans.__("Run the code from %1?", from), who);
    return h("p", { class: "aj-question", dir: "auto" }, ...asked, " ", size);
  }
  const [first, ...others] = blocks.map(({ code }) => name(visible(readCall(code)?.name ?? "…")));
  const tools = h("span", {}, first ?? "", ...others.flatMap((other) => [", ", other]));
  const asked = sentence(
    (what, whom) => trans._n("Call the tool %2 for %3?", "Call the tools %2 for %3?", blocks.length, what, whom),
    tools,
    who,
  );
  return h("p", { class: "aj-question", dir: "auto" }, ...asked);
}

function likeThis(code: string): (Node | string)[] {
  return sentence((what) => trans.__("Like this: %1", what), h("bdi", {}, code));
}

/** What would be called, in full: nobody can allow what they cannot see. */
function callShown({ code }: Code): HTMLElement {
  const call = readCall(code);
  const text = call ? `${visible(call.name)}(${longArguments(call.given)})` : visible(code);
  return h("pre", { class: "aj-plain aj-asked-call", tabindex: "0", dir: "ltr" }, text);
}

function codeBox({ language, code }: Code, index: number, all: unknown[]): HTMLTextAreaElement {
  const box = h("textarea", {
    class: "aj-input aj-code-input",
    "aria-label": trans.__("Code to run"),
    "aria-description": all.length > 1 ? trans.__("Block %1 of %2, %3", index + 1, all.length, language) : language,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    wrap: language === "json" ? "soft" : "off",
    dir: "ltr",
  });
  box.value = code;
  growing(box, 3, 24);
  box.addEventListener("keydown", keepIndent);
  return box;
}

/** A new line starts where the one above started. Written so that undo still works. */
function keepIndent(event: KeyboardEvent): void {
  const box = event.currentTarget;
  if (
    event.key !== "Enter" ||
    event.ctrlKey ||
    event.metaKey ||
    event.isComposing ||
    !(box instanceof HTMLTextAreaElement)
  ) {
    return;
  }
  const line = box.value.slice(box.value.lastIndexOf("\n", box.selectionStart - 1) + 1, box.selectionStart);
  const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
  if (indent !== "" && document.execCommand("insertText", false, `\n${indent}`)) {
    event.preventDefault();
  }
}

function sizeOf(blocks: readonly Code[]): string {
  const lines = blocks.reduce((sum, { code }) => sum + code.split("\n").length, 0);
  const languages = [...new Set(blocks.map(({ language }) => language))].join(", ");
  const count = blocks.length > 1 ? [trans._n("%1 block", "%1 blocks", blocks.length)] : [];
  return [languages, ...count, trans._n("%1 line", "%1 lines", lines)].join(", ");
}
