import { expect, it } from "vitest";
import { Chat } from "../src/chat";
import { h } from "../src/dom";
import { keepWhenGone, oneBlock, pageOf } from "../src/keep";
import { CHAT_MIME, VIEW_MIME } from "../src/saved";
import { said } from "./entries";
import { FakeModel } from "./fake_model";
import { HOSTILE_MARKDOWN } from "./hostile";

const LIVE = { [VIEW_MIME]: { model_id: "m" }, "text/plain": "Agent chat" };

class Notebook {
  status = "busy";
  outputs: { output_type: string; metadata: object; data: Record<string, unknown> }[];
  private slot: (() => void) | undefined;
  readonly manager = {
    context: {
      model: {
        sharedModel: {
          cells: [
            {
              getOutputs: () => this.outputs,
              updateOutputs: (start: number, _end: number, [output]: typeof this.outputs) => {
                if (output) {
                  this.outputs[start] = output;
                }
              },
            },
          ],
        },
      },
      sessionContext: {
        statusChanged: {
          connect: (slot: () => void) => {
            this.slot = slot;
          },
          disconnect: () => {
            this.slot = undefined;
          },
        },
        session: { kernel: this as { readonly status: string } },
      },
    },
  };

  constructor(data: Record<string, unknown>) {
    this.outputs = [{ output_type: "display_data", metadata: { tag: "mine" }, data }];
  }

  is(status: string): void {
    this.status = status;
    this.slot?.();
  }
}

function made(data: Record<string, unknown>): { notebook: Notebook; chat: Chat } {
  const notebook = new Notebook(data);
  const life = new AbortController();
  const chat = new Chat(
    new FakeModel({ entries: [said("**hi**")], status: {}, request: null, number: 1, identity: "m" }).model,
    life.signal,
  );
  keepWhenGone(notebook.manager, () => "m", chat, life.signal);
  return { notebook, chat };
}

it("leaves what the kernel has saved as it is, but for the view", () => {
  const saved = {
    [CHAT_MIME]: { version: 2, entries: [said("hi")], status: { state: "waiting" }, chat_id: "m" },
    "text/html": "<p>hi</p>",
    "text/markdown": "hi",
    "text/plain": "hi",
  };
  const { notebook, chat } = made({ ...saved, [VIEW_MIME]: { model_id: "m" } });
  notebook.is("dead");
  expect(chat.isConnected).toBe(false);
  expect(notebook.outputs).toEqual([{ output_type: "display_data", metadata: { tag: "mine" }, data: saved }]);
});

it.each([
  ["no form of its own", LIVE],
  ["a form that holds nothing", { ...LIVE, [CHAT_MIME]: { version: 2, entries: [], status: {}, chat_id: "m" } }],
])("leaves a page in the notebook where the kernel has saved %s", (_, data) => {
  const { notebook, chat } = made(data);
  notebook.is("unknown");
  expect(notebook.outputs[0]?.data).toHaveProperty([VIEW_MIME]);
  notebook.is("restarting");
  expect(chat.isConnected).toBe(false);
  const left = notebook.outputs[0]?.data ?? {};
  expect(Object.keys(left)).toEqual(["text/html", "text/plain"]);
  expect(left["text/html"]).toContain("<strong>hi</strong>");
});

it("leaves no blank line in a page, behind which an export as Markdown would read Markdown", () => {
  const page = h("pre", {}, "one\n\n  \t\n# two\n\n![x](http://example.org/y.png)");
  const text = oneBlock(page.outerHTML);
  expect(text).not.toMatch(/\n\s*\n/);
  const back = h("div", {});
  back.innerHTML = text;
  expect(back.textContent).toBe(page.textContent);
});

it("does nothing where there is no notebook to write to", () => {
  const life = new AbortController();
  const chat = new Chat(new FakeModel().model, life.signal);
  for (const manager of [null, {}, { context: {} }, { context: { sessionContext: {} } }]) {
    expect(() => keepWhenGone(manager, () => "m", chat, life.signal)).not.toThrow();
  }
});

it.each(HOSTILE_MARKDOWN)("leaves nothing that acts: %j", (text) => {
  const page = pageOf([said(text)]);
  expect(
    page.querySelector("script, iframe, form, object, embed, [onerror], [onload], [onclick], [onfocus]"),
  ).toBeNull();
  expect([...page.querySelectorAll("img")].every(({ src }) => src.startsWith("data:"))).toBe(true);
});
