// A chat that a file holds, in a page that was loaded again.
import { afterEach, beforeEach, expect, it, vi } from "vitest";

vi.hoisted(() => {
  const missing = { DragEvent: class extends Event {}, ResizeObserver: class {} };
  Object.assign(globalThis, missing);
  Object.assign(ResizeObserver.prototype, { observe() {}, disconnect() {} });
});

import type { IRenderMime, IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";
import { addRenderer } from "../src/lab/mime";
import { CHAT_MIME, VIEW_MIME } from "../src/saved";
import { said } from "./entries";
import { FakeKernel, FakePanel } from "./lab";

const SAVED = {
  [CHAT_MIME]: { version: 2, entries: [said("hi")], chat_id: "m", status: { state: "waiting" } },
  [VIEW_MIME]: { model_id: "m" },
};
const AWAITED = "Shown as it was saved";
const GONE = "Disconnected";

class Live extends Widget {
  constructor() {
    super();
    this.addClass("live");
  }
  renderModel(): Promise<void> {
    return Promise.resolve();
  }
}

let output: IRenderMime.IRenderer;
let notebook: FakePanel;
const onLive = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  output.dispose();
  vi.runAllTimers();
  vi.useRealTimers();
  onLive.mockClear();
});

async function shown(status: string, data: Record<string, unknown> = SAVED): Promise<void> {
  const factories: IRenderMime.IRendererFactory[] = [];
  const registry = {
    addFactory: (factory: IRenderMime.IRendererFactory) => factories.push(factory),
    createRenderer: () => new Live(),
  };
  notebook = new FakePanel(new FakeKernel(status), registry);
  addRenderer(registry as unknown as IRenderMimeRegistry, notebook.tracker, onLive);
  output = factories.at(-1)?.createRenderer({} as IRenderMime.IRendererOptions) as IRenderMime.IRenderer;
  await Promise.all([
    output.renderModel({ data } as unknown as IRenderMime.IMimeModel),
    vi.advanceTimersByTimeAsync(0),
  ]);
}

const text = () => output.node.textContent;
const isLive = () => output.node.querySelector(".live") !== null;

it("waits for a kernel that is busy for long, without saying that it is gone", async () => {
  await shown("busy");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(text()).toContain(AWAITED);
  expect(text()).toContain("hi");
  expect(output.node.querySelector(".aj-chat")).toHaveProperty("dataset.state", "awaited");
  notebook.is("idle");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(text()).toContain(AWAITED);
  notebook.kernel.comms.set("m", null);
  await vi.advanceTimersByTimeAsync(300);
  expect(isLive()).toBe(true);
  expect(onLive).toHaveBeenCalledWith(notebook.panel);
});

it("says at once of a kernel that has died that it is gone", async () => {
  await shown("dead");
  await vi.advanceTimersByTimeAsync(300);
  expect(text()).toContain(GONE);
});

it("waits for an answer of a kernel that a debugger makes look idle", async () => {
  await shown("idle");
  notebook.kernel.runsCell = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(text()).toContain(AWAITED);
  notebook.kernel.comms.set("m", null);
  notebook.is("idle");
  await vi.advanceTimersByTimeAsync(300);
  expect(isLive()).toBe(true);
});

it("says that the chat is cut off when the kernel has had its time", async () => {
  await shown("idle");
  expect(text()).toContain(AWAITED);
  await vi.advanceTimersByTimeAsync(19_000);
  expect(text()).toContain(GONE);
  expect(text()).not.toContain(AWAITED);
});

it.each([
  ["the kernel is idle again", () => notebook.is("idle")],
  ["its widget speaks", () => notebook.sessionContext.iopubMessage.emit({ content: { comm_id: "m" } })],
])("looks again when %s", async (_, sign) => {
  await shown("idle");
  await vi.advanceTimersByTimeAsync(19_000);
  notebook.sessionContext.iopubMessage.emit({ content: { comm_id: "another" } });
  notebook.kernel.comms.set("m", null);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(isLive()).toBe(false);
  sign();
  await vi.advanceTimersByTimeAsync(300);
  expect(isLive()).toBe(true);
});

it("says at once that the chat is cut off where the file names no widget", async () => {
  await shown("busy", { [CHAT_MIME]: SAVED[CHAT_MIME] });
  expect(text()).toContain(GONE);
});
