// The chat's own words: every one of them can be translated. Here, what agents, people and the kernel say is in Greek, and a
// translation is in brackets: a Latin letter outside of them is a word that nobody can translate.
import { Gettext } from "@jupyterlab/translation/lib/gettext";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Chat, type ChatTraits } from "../src/chat";
import { setPluginHook, type Translations } from "../src/hook";
import { pageOf } from "../src/keep";
import { kernelPlace } from "../src/kernel_state";
import { elapsedText, sizeText } from "../src/lab/units";
import type { Entry, MessageEntry, Request, RunEntry, Status, ToolUse } from "../src/protocol";
import { rendererFor } from "../src/render";
import { ChatView } from "../src/view/chat";
import { sentence, trans } from "../src/words";
import { running, said } from "./entries";
import { FakeModel, question } from "./fake_model";

const ATTRIBUTES = ["aria-label", "aria-description", "title", "placeholder", "alt"];
const english = new Gettext();
const bracketed: Translations = {
  __: (text, ...values) => `‹${english.__(text, ...values)}›`,
  _n: (one, many, count, ...values) => `‹${english._n(one, many, count, ...values)}›`,
};

function lend(words: Translations | undefined): void {
  setPluginHook({ ...(words ? { trans: words } : {}), insertCell() {}, openMenu() {} });
}

let life: AbortController;
let host: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
      disconnect(): void {}
    },
  );
  life = new AbortController();
  host = document.createElement("div");
  document.body.replaceChildren(host);
});
afterEach(async () => {
  life.abort();
  await vi.advanceTimersByTimeAsync(500); // what is being drawn is shared by all chats
  lend(undefined);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** An application that can draw charts, and nothing else. */
const app = {
  rendermime: {
    mimeTypes: ["application/vnd.plotly.v1+json"],
    clone: () => app.rendermime,
    preferredMimeType: () => "text/html",
    createModel: () => ({}),
    createRenderer(type: string): object {
      if (type === "text/html") {
        throw new Error("χ");
      }
      return { node: document.createElement("div"), renderModel: () => Promise.resolve() };
    },
  },
};

/** Draw a chat, of which something is so already, by the application if there is one. */
async function draw(traits: Partial<ChatTraits>, already = (_: Chat) => {}, application: unknown = null) {
  const fake = new FakeModel({ entries: [], status: {}, request: null, number: 0, identity: "m", ...traits });
  const chat = new Chat(fake.model, life.signal);
  already(chat);
  new ChatView(host, chat, rendererFor(application), life.signal);
  await vi.advanceTimersByTimeAsync(2500);
  return fake;
}

async function untranslated(...how: Parameters<typeof draw>): Promise<string[]> {
  await draw(...how);
  return latinIn(host);
}

/** The words of an element that nobody can translate. */
function latinIn(element: Element): string[] {
  const attributes = [...element.querySelectorAll("*")].flatMap((one) =>
    ATTRIBUTES.map((name) => one.getAttribute(name)),
  );
  return [element.textContent, ...attributes].flatMap((text) => outside(text ?? "").match(/\p{Script=Latin}+/gu) ?? []);
}

/** A text without what is in brackets, which may be in brackets themselves. */
function outside(text: string): string {
  const less = text.replace(/‹[^‹›]*›/g, "");
  return less === text ? text : outside(less);
}

const status = (more: Partial<Status>): Partial<ChatTraits> => ({ status: { model: "μ", ...more } });
const message = (more: Partial<MessageEntry>): Entry =>
  said("Λόγος", { sender: "άννα", recipient: "νίκος", model: "μ", ...more });
const run = (more: Partial<RunEntry>): Entry =>
  running({ agent: "νίκος", blocks: [{ language: "", code: "1" }], output: "ο", ...more });
const tool = (more: Partial<ToolUse>): ToolUse => ({
  id: "1",
  name: "ζ",
  arguments: `{"α": "${"β".repeat(100)}"}`,
  state: "ok",
  result: "δ",
  seconds: 0.02,
  ...more,
});
const shown = (...outputs: RunEntry["outputs"]) => ({ entries: [run({ state: "ok", outputs })] });
const asked = (more: Partial<Request>) => ({
  ...status({ state: "waiting" }),
  request: question({ prompt: "Τι;", agent: "νίκος", sender: "άννα", ...more }),
});
const offers: Request["offers"] = (["chat", "alike", "tool"] as const).map((scope) => ({
  id: scope,
  scope,
  label: "λ",
}));
const block = { language: "γ", code: "1" };
const call = { language: "json", code: 'ζ({"α": 1})' };

describe("with the words of the plugin, no word is left in English", () => {
  beforeEach(() => lend(bracketed));

  it.each<[string, Partial<ChatTraits>]>([
    ["that starts", status({ state: "starting", kernel: "starting" })],
    ["that runs", status({ state: "running", kernel: "busy", prompt_tokens: 1200, usd: 0.02 })],
    ["that runs for a while", status({ state: "running", activity: "ω", since: 1, kernel: "restarting" })],
    [
      "that waits",
      status({ state: "waiting", activity: "waiting for you", kernel: "idle", prompt_tokens: 5, usd: null }),
    ],
    ["that has ended", status({ state: "ended", kernel: "dead" })],
    ["that has ended for a reason", status({ state: "ended", reason: "ρ" })],
    ["with permissions", status({ state: "running", permissions: offers })],
    ["of a script", { ...status({ state: "running" }), entries: [message({ is_language_model: false })] }],
    ["with thoughts and tools", { entries: [message({ reasoning: "σ", state: "writing", tool_calls: [tool({})] })] }],
    ["with a message that was stopped", { entries: [message({ state: "stopped" })] }],
    ["with code in a message", { entries: [message({ text: "```\n1\n```" })] }],
    ["with images from elsewhere", { entries: [message({ text: "![](http://1.2/3) <img>" })] }],
    ["with a long notice", { entries: [{ kind: "notice", id: "n", level: "info", text: "α\nβ" }] }],
    ["with many entries", { entries: Array.from({ length: 200 }, (_, id) => message({ id: `${id}` })) }],
    ["with long output", shown({ output_type: "stream", name: "stdout", text: "π\n".repeat(400) })],
    ["with very long output", shown({ output_type: "stream", name: "stdout", text: "π\n".repeat(4000) })],
    ["with an error", shown({ output_type: "error", ename: "Ε", evalue: "ε", traceback: [] })],
    ["with a picture", shown({ output_type: "display_data", data: { "image/png": "" } })],
    ["with a sound", shown({ output_type: "display_data", data: { "audio/wav": "" } })],
    [
      "with a page",
      shown({ output_type: "display_data", data: { "text/html": "<iframe></iframe>", "text/plain": "τ" } }),
    ],
    [
      "with a widget",
      shown({
        output_type: "display_data",
        data: { "application/vnd.jupyter.widget-view+json": {}, "text/plain": "τ" },
      }),
    ],
    ["that asks to run code", asked({ type: "approval", blocks: [block, block], offers })],
    ["that asks to run code of nobody", asked({ type: "approval", sender: "", blocks: [block] })],
    ["that asks for code that turns around", asked({ type: "approval", blocks: [{ language: "γ", code: "\u202e" }] })],
    ["that asks to call a tool", asked({ type: "approval", blocks: [{ ...call }] })],
    ["that asks to call tools", asked({ type: "approval", sender: "", blocks: [call, call] })],
    ["that asks for a reply", asked({ type: "reply" })],
    ["that asks for a last reply", asked({ type: "reply", agent: "", is_last: true })],
    ["that asks for a choice", asked({ type: "choice", choices: ["α"] })],
    ["that asks for a text", asked({ type: "text", prompt: "" })],
    ["that asks what nobody knows", asked({ type: "?" as "text" })],
  ])("in a chat %s", async (_, traits) => {
    const found = await untranslated(traits);
    expect(found.filter((word) => word !== "json")).toEqual([]); // the language of a call is the kernel's word
  });

  it.each([
    "asked",
    "running",
    "ok",
    "error",
    "interrupted",
    "refused",
  ] as const)("in a tool that is %s", async (state) => {
    expect(await untranslated({ entries: [message({ tool_calls: [tool({ state, seconds: 75 })] })] })).toEqual([]);
  });

  it.each([
    "proposed",
    "running",
    "ok",
    "error",
    "timeout",
    "interrupted",
    "died",
    "refused",
  ] as const)("in code that is %s", async (state) => {
    const two = [block, block].map(({ code }) => ({ language: "", code }));
    const entry = run({ state, is_edited: true, blocks: two, exit_code: 2, seconds: 0.001 });
    expect(await untranslated({ entries: [entry] })).toEqual([]);
  });

  it("in an answer that nobody has taken yet, and in what is said of it then", async () => {
    const fake = await draw(asked({ type: "reply" }));
    const goOn = [...host.querySelectorAll("button")].find((button) => button.textContent === "‹Continue›");
    goOn?.click();
    await vi.advanceTimersByTimeAsync(2500);
    expect(host.querySelector(".aj-note")?.textContent).toMatch(/^‹Sent/);
    expect(latinIn(host)).toEqual([]);
    fake.batch(1, { kind: "input_closed", request_id: "q1", note: "ν" });
    await vi.advanceTimersByTimeAsync(500);
    expect(latinIn(host)).toEqual([]);
  });

  it("in charts and in what cannot be shown", async () => {
    const chart = { "application/vnd.plotly.v1+json": { data: [{ url: "1://2" }] } };
    const outputs = [chart, { "text/html": "η" }].map((data) => ({ output_type: "display_data", data }));
    expect(await untranslated({ entries: [run({ state: "ok", blocks: [], outputs })] }, undefined, app)).toEqual([]);
    expect(host.querySelectorAll(".aj-output").length).toBe(2);
  });

  it("in long output that is unfolded", async () => {
    await draw(shown({ output_type: "stream", name: "stdout", text: "π\n".repeat(40) }));
    host.querySelector<HTMLButtonElement>(".aj-long button")?.click();
    expect(latinIn(host)).toEqual([]);
  });

  it.each([true, false])("in code that is copied, if that is allowed: %s", async (isAllowed) => {
    const writeText = () => (isAllowed ? Promise.resolve() : Promise.reject(new Error()));
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    document.execCommand = () => isAllowed;
    await draw({ entries: [message({ text: "```\n1\n```" })] });
    host.querySelector<HTMLButtonElement>(".aj-code-bar button")?.click();
    await vi.advanceTimersByTimeAsync(0);
    expect(host.querySelector(".aj-copied")?.textContent).not.toBe("");
    expect(latinIn(host)).toEqual([]);
  });

  it("in a chat that is cut off, or not found yet", async () => {
    for (const isAwaited of [false, true]) {
      expect(await untranslated({}, (chat) => Object.assign(chat, { isConnected: false, isAwaited }))).toEqual([]);
    }
  });

  it("in what is kept of a chat whose kernel is gone", () => {
    expect(latinIn(pageOf(Array.from({ length: 400 }, () => message({}))))).toEqual([]);
  });
});

it("sizes, times and places of the plugin are translated, too", () => {
  lend(bracketed);
  const places = (["isolated", "not isolated", "remote", ""] as const).map(kernelPlace);
  const shown = [...places, ...[1, 1e3, 1e6, 1e9, 1e12].map(sizeText), ...[5, 65, 3725].map(elapsedText)];
  expect(shown.flatMap((text) => outside(text).match(/\p{Script=Latin}+/gu) ?? [])).toEqual([]);
});

describe("a sentence", () => {
  const bold = (text: string) => Object.assign(document.createElement("b"), { textContent: text });
  const written = () => {
    const line = document.createElement("p");
    const parts = sentence((what, whom) => trans.__("Call %1 for %2?", what, whom), bold("add"), bold("ann"));
    line.append(...parts);
    return line.innerHTML;
  };

  it("has its elements where its language wants them", () => {
    expect(written()).toBe("Call <b>add</b> for <b>ann</b>?");
    lend({ ...bracketed, __: (_, what, whom) => `Für ${whom} ${what} aufrufen?` });
    expect(written()).toBe("Für <b>ann</b> <b>add</b> aufrufen?");
  });

  it("is in English without the plugin, and with one that has no words to lend", () => {
    lend(undefined);
    expect([
      trans.__("%2 of %1", 5, "%1"),
      trans._n("%1 line", "%1 lines", 1),
      trans._n("%2 b", "%2 bs", 0, "0"),
    ]).toEqual([
      english.__("%2 of %1", 5, "%1"),
      english._n("%1 line", "%1 lines", 1),
      english._n("%2 b", "%2 bs", 0, "0"),
    ]);
  });
});
