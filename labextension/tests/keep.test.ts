import { expect, it } from "vitest";
import { Chat } from "../src/chat";
import { keepWhenGone, pageOf } from "../src/keep";
import { said } from "./entries";
import { FakeModel } from "./fake_model";
import { HOSTILE_MARKDOWN } from "./hostile";

class Notebook {
  status = "busy";
  outputs = [{ output_type: "display_data", data: { "application/vnd.jupyter.widget-view+json": { model_id: "m" } } }];
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

  is(status: string): void {
    this.status = status;
    this.slot?.();
  }
}

function made(): { notebook: Notebook; chat: Chat } {
  const notebook = new Notebook();
  const life = new AbortController();
  const chat = new Chat(
    new FakeModel({ entries: [said("**hi**")], status: {}, request: null, number: 1, identity: "m" }).model,
    life.signal,
  );
  keepWhenGone(notebook.manager, () => "m", chat, life.signal);
  return { notebook, chat };
}

it("leaves a page in the notebook when the kernel is gone before the chat has ended", () => {
  const { notebook, chat } = made();
  notebook.is("unknown");
  expect(notebook.outputs[0]?.data).toHaveProperty(["application/vnd.jupyter.widget-view+json"]);
  notebook.is("restarting");
  expect(chat.isConnected).toBe(false);
  const data = notebook.outputs[0]?.data as Record<string, string> | undefined;
  expect(Object.keys(data ?? {})).toEqual(["text/html", "text/plain"]);
  expect(data?.["text/html"]).toContain("<strong>hi</strong>");
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
