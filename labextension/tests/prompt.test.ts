import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Chat } from "../src/chat";
import type { InputAnswered, Request } from "../src/protocol";
import { PromptView } from "../src/view/prompt";
import { FakeModel, question } from "./fake_model";

const blocks = [{ language: "python", code: "a = 1" }];
let life: AbortController;
let fake: FakeModel;
let prompt: PromptView;

function ask(more: Partial<Request>): void {
  fake.batch(1, { kind: "input_asked", request: question(more) });
  prompt.update(true);
}
const answers = (): InputAnswered[] => fake.sent.filter((message) => message.kind === "input_answered");
const isShown = (element: Element) => element.closest("[hidden]") === null;
const buttons = () => [...prompt.element.querySelectorAll<HTMLButtonElement>(".aj-form button")].filter(isShown);
const names = () => buttons().map((button) => button.textContent);
const boxes = (name: string) =>
  [...prompt.element.querySelectorAll<HTMLTextAreaElement>(`[aria-label="${name}"]`)].filter(isShown);
const box = (name: string) => boxes(name)[0] ?? expect.fail(`no box ${name}`);
const click = (name: string) =>
  buttons()
    .find((button) => button.textContent === name)
    ?.click();
const press = (target: Element, key: string, more: KeyboardEventInit = {}) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));

beforeEach(() => {
  life = new AbortController();
  fake = new FakeModel();
  const chat = new Chat(fake.model, life.signal);
  prompt = new PromptView(chat, life.signal, () => undefined);
  chat.subscribe(() => prompt.update(true), life.signal);
  document.body.replaceChildren(prompt.element);
});
afterEach(() => life.abort());

describe("the box to edit code in", () => {
  const warning = () => [...prompt.element.querySelectorAll(".aj-marks")].filter(isShown).map((one) => one.textContent);

  it("is said to hold characters that turn its text around, as long as it does", () => {
    ask({ type: "approval", blocks: [{ language: "python", code: "a = '\u202e\u2066\u202e'" }, ...blocks] });
    expect(warning()).toEqual([]);
    click("Edit");
    expect(warning()).toEqual([expect.stringContaining("⟨U+202E⟩ ⟨U+2066⟩.")]);
    expect(box("Code to run").value).toBe("a = '\u202e\u2066\u202e'");
    box("Code to run").value = "a = ''";
    box("Code to run").dispatchEvent(new Event("input"));
    expect(warning()).toEqual([]);
  });
});

describe("an approval", () => {
  beforeEach(() => ask({ type: "approval", blocks }));

  it("offers four buttons, not one text box", () => {
    expect(names()).toEqual(["Run", "Edit", "Reply", "End chat"]);
  });

  it("runs the code as it is", () => {
    click("Run");
    expect(answers()).toMatchObject([{ action: "run", text: "", code: null }]);
  });

  it("runs edited code", () => {
    click("Edit");
    expect(document.activeElement).toBe(box("Code to run"));
    box("Code to run").value = "a = 2";
    click("Run edited code");
    expect(answers()).toMatchObject([{ action: "run", code: ["a = 2"] }]);
  });

  it("sends no code when the edit changed nothing", () => {
    click("Edit");
    click("Run edited code");
    expect(answers()).toMatchObject([{ action: "run", code: null }]);
  });

  it("takes a reply instead of running", () => {
    click("Reply");
    box("Your reply").value = "use a bar chart";
    click("Send");
    expect(answers()).toMatchObject([{ action: "reply", text: "use a bar chart", code: null }]);
  });

  it("ends the chat", () => {
    click("End chat");
    expect(answers()).toMatchObject([{ action: "end" }]);
  });

  it("leaves the edit box with Escape and runs from it with Ctrl-Enter", () => {
    click("Edit");
    box("Code to run").value = "a = 3";
    press(box("Code to run"), "Escape");
    expect(names()).toEqual(["Run", "Edit", "Reply", "End chat"]);
    click("Edit");
    expect(box("Code to run").value).toBe("a = 3");
    press(box("Code to run"), "Enter", { ctrlKey: true });
    expect(answers()).toMatchObject([{ action: "run", code: ["a = 3"] }]);
  });

  it("is not approved by a key that came with the focus", () => {
    press(prompt.element.firstElementChild as Element, "Enter", { ctrlKey: true });
    expect(answers()).toEqual([]);
  });

  it("goes off at once when answered, and away when closed", () => {
    click("Run");
    expect(buttons().every((button) => button.disabled)).toBe(true);
    expect(prompt.element.hidden).toBe(false);
    fake.batch(2, { kind: "input_closed", request_id: "q1", note: "" });
    expect(prompt.element.hidden).toBe(true);
  });
});

it("an approval of two blocks opens a box for each", () => {
  ask({ type: "approval", blocks: [...blocks, { language: "sh", code: "ls" }] });
  click("Edit");
  expect(boxes("Code to run").map(({ value }) => value)).toEqual(["a = 1", "ls"]);
});

describe("an approval of a tool call", () => {
  const call = { language: "json", code: 'add({"a":1,"to":"<b>"})' };
  const said = () => prompt.element.querySelector(".aj-question")?.textContent;

  it("asks about the tool and shows the call in full", () => {
    ask({ type: "approval", blocks: [call] });
    expect(said()).toBe("Call the tool add for assistant?");
    expect(prompt.element.querySelector("pre")?.textContent).toBe('add({\n  "a": 1,\n  "to": "<b>"\n})');
    expect(names()).toEqual(["Run", "Edit", "Reply", "End chat"]);
  });

  it("names several tools", () => {
    ask({ type: "approval", sender: "", blocks: [call, { language: "json", code: "sub({})" }] });
    expect(said()).toBe("Call the tools add, sub for the assistant?");
    expect(prompt.element.querySelectorAll("pre").length).toBe(2);
  });

  it("is edited as it stands", () => {
    ask({ type: "approval", blocks: [call] });
    click("Edit");
    expect(box("Code to run").value).toBe(call.code);
    box("Code to run").value = "add({})";
    click("Run edited code");
    expect(answers()).toMatchObject([{ action: "run", code: ["add({})"] }]);
  });

  it("says that a reply takes its place", () => {
    ask({ type: "approval", blocks: [call] });
    click("Reply");
    expect(prompt.element.textContent).toContain("The tool is not called; your reply is sent instead.");
  });
});

it("an approval of code says its language and size", () => {
  ask({ type: "approval", blocks });
  expect(prompt.element.querySelector(".aj-question")?.textContent).toBe("Run the code from assistant? python, 1 line");
});

describe("a reply", () => {
  it("sends with the button or with Cmd-Enter, but nothing empty", () => {
    ask({ type: "reply" });
    expect(names()).toEqual(["Send", "Continue", "End chat"]);
    click("Send");
    press(box("Your reply"), "Enter", { metaKey: true });
    expect(answers()).toEqual([]);
    box("Your reply").value = "hello";
    press(box("Your reply"), "Enter", { metaKey: true });
    expect(answers()).toMatchObject([{ action: "reply", text: "hello" }]);
  });

  it("goes on without one", () => {
    ask({ type: "reply" });
    click("Continue");
    expect(answers()).toMatchObject([{ action: "continue" }]);
  });

  it("has no Continue when going on would end the chat", () => {
    ask({ type: "reply", is_last: true });
    expect(names()).toEqual(["Send", "End chat"]);
  });
});

it("a choice has one button each", () => {
  ask({ type: "choice", choices: ["critic", "<b>coder</b>"] });
  expect(names()).toEqual(["critic", "<b>coder</b>"]);
  click("<b>coder</b>");
  expect(answers()).toMatchObject([{ action: "choose", text: "<b>coder</b>" }]);
});

it("a password is typed unseen and sent with Enter", () => {
  ask({ type: "password", prompt: "Password: " });
  const input = prompt.element.querySelector("input") ?? expect.fail("no input");
  expect(input.type).toBe("password");
  input.value = "s3cret";
  press(input, "Enter");
  expect(answers()).toMatchObject([{ action: "text", text: "s3cret" }]);
});

it("an empty line is an answer to a program that reads one", () => {
  ask({ type: "text", prompt: "Press Enter" });
  click("Send");
  expect(answers()).toMatchObject([{ action: "text", text: "" }]);
});

it("takes the focus once, and not from somebody who types", () => {
  const elsewhere = document.createElement("input");
  document.body.append(elsewhere);
  elsewhere.focus();
  ask({ type: "reply" });
  expect(document.activeElement).toBe(elsewhere);
  elsewhere.blur();
  prompt.update(true);
  expect(prompt.element.contains(document.activeElement)).toBe(false);
});

it("keeps keys from the front end around it", () => {
  ask({ type: "approval", blocks });
  const heard: string[] = [];
  document.body.addEventListener("keydown", ({ key }) => heard.push(key), { signal: life.signal });
  press(buttons()[0] ?? expect.fail(), "d");
  expect(heard).toEqual([]);
  expect(prompt.element.dataset.lmSuppressShortcuts).toBe("true");
});

it("says how a question was closed elsewhere", () => {
  ask({ type: "reply" });
  fake.batch(2, { kind: "input_closed", request_id: "q1", note: "Answered in the terminal." });
  expect(prompt.element.textContent).toBe("Answered in the terminal.");
});

describe("what is allowed from now on", () => {
  const chat = { id: "chat", scope: "chat" as const, label: "all code in this chat" };
  const alike = { id: "alike\nimports os", scope: "alike" as const, label: "Python code that imports os" };
  const tool = { id: "tool send_mail", scope: "tool" as const, label: "calls of send_mail" };

  it("is offered next to a yes, and says what it means", () => {
    ask({ type: "approval", blocks, offers: [chat, alike] });
    expect(names().slice(4)).toEqual(["Run, don't ask again in this chat", "Run, don't ask again for code like this"]);
    expect(prompt.element.textContent).toContain("Like this: Python code that imports os");
    click("Run, don't ask again for code like this");
    expect(answers()).toMatchObject([{ action: "run", code: null, allow: "alike" }]);
  });

  it("is about this tool when a tool is called", () => {
    ask({ type: "approval", blocks: [{ language: "json", code: "send_mail({})" }], offers: [tool] });
    click("Run, don't ask again for this tool");
    expect(answers()).toMatchObject([{ action: "run", allow: "tool" }]);
  });

  it("is nothing when only Run is pressed", () => {
    ask({ type: "approval", blocks, offers: [chat] });
    click("Run");
    expect(answers()).toMatchObject([{ allow: "" }]);
  });
});

describe("keys", () => {
  const help = () => prompt.element.querySelector(".aj-help")?.parentElement ?? expect.fail("no help");
  const focused = () => document.activeElement?.textContent;

  it("go from button to button, round the ends", () => {
    ask({ type: "choice", choices: ["a", "b", "c"] });
    expect(focused()).toBe("a");
    for (const [key, expected] of [
      ["ArrowRight", "b"],
      ["ArrowDown", "c"],
      ["ArrowRight", "a"],
      ["ArrowLeft", "c"],
      ["Home", "a"],
      ["End", "c"],
    ] as const) {
      press(document.activeElement ?? document.body, key);
      expect(focused()).toBe(expected);
    }
  });

  it("are shown with ?, but not while somebody types one", () => {
    ask({ type: "reply" });
    press(box("Your reply"), "?");
    expect(help().hidden).toBe(true);
    press(buttons()[0] ?? expect.fail("no button"), "?");
    expect(help().hidden).toBe(false);
    expect(help().textContent).toContain("sends your reply");
    press(buttons()[0] ?? expect.fail("no button"), "?");
    expect(help().hidden).toBe(true);
  });

  it("never reach the page around", () => {
    const heard: string[] = [];
    document.body.addEventListener("keydown", ({ key }) => heard.push(key));
    ask({ type: "approval", blocks });
    for (const key of ["?", "d", "Escape", "ArrowDown", "Enter"]) {
      press(buttons()[1] ?? expect.fail("no button"), key);
    }
    expect(heard).toEqual([]);
  });
});
