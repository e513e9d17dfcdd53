// May this code run? As it is, as the person changes it, or not: then the person says something instead.
import { button, h } from "../dom";
import type { Code, Request } from "../protocol";
import { type Answer, actions, endButton, type Form, form, growing, name, onSendKey, RUN_KEY, replyBox } from "./forms";

const SETTLE = 800;

export function approvalForm(request: Request, answer: Answer): Form {
  const { blocks, sender } = request;
  const boxes = blocks.map(codeBox);
  const run = () => answer("run");
  const runEdited = () => {
    const code = boxes.map((box) => box.value);
    answer("run", "", code.some((text, index) => text !== blocks[index]?.code) ? code : null);
  };
  const reply = replyBox((text) => answer("reply", text));

  const edit = button("Edit", () => show(editing, boxes[0]));
  const say = button("Reply", () => show(replying, reply.input));
  const asking = h("div", {}, actions([button("Run", run, "primary"), edit, say, endButton(answer)], [RUN_KEY]));
  const back = (from: HTMLButtonElement) => button("Cancel", () => show(asking, from), "quiet");
  const editing = h(
    "div",
    { hidden: true },
    ...boxes,
    actions([button("Run edited code", runEdited, "primary"), back(edit)], [RUN_KEY, "Esc goes back"]),
  );
  const replying = h(
    "div",
    { hidden: true },
    h("p", { class: "aj-hint" }, "The code does not run; your reply goes to ", name(sender), " instead."),
    reply.element,
    actions([reply.send, back(say)], ["Esc goes back"]),
  );
  const show = (part: HTMLElement, focus: HTMLElement | undefined) => {
    for (const one of [asking, editing, replying]) {
      one.hidden = one !== part;
    }
    focus?.focus({ preventScroll: true });
    element.scrollIntoView?.({ block: "nearest" });
  };

  const shownAt = Date.now();
  const who = sender ? name(sender) : "The assistant";
  const question = h(
    "p",
    { class: "aj-question", dir: "auto" },
    "Run the code of ",
    who,
    "? ",
    h("span", { class: "aj-hint" }, sizeOf(blocks)),
  );
  const element = form(question, asking, editing, replying);
  onSendKey(asking, run);
  onSendKey(editing, runEdited);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && asking.hidden) {
      event.preventDefault();
      show(asking, replying.hidden ? edit : say);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === element) {
      // The focus came here by itself: a key that was meant for the next cell must not approve anything.
      if (!asking.hidden && !event.repeat && Date.now() - shownAt > SETTLE) {
        run();
      }
    }
  });
  return { element, focus: () => element.focus({ preventScroll: true }) };
}

function codeBox({ language, code }: Code, index: number, all: unknown[]): HTMLTextAreaElement {
  const box = h("textarea", {
    class: "aj-input aj-code-input",
    "aria-label": "Code to run",
    "aria-description": all.length > 1 ? `Block ${index + 1} of ${all.length}, ${language}` : language,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    wrap: "off",
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
  const count = blocks.length > 1 ? `${blocks.length} blocks, ` : "";
  return `${languages}, ${count}${lines} ${lines === 1 ? "line" : "lines"}, in the agent kernel`;
}
