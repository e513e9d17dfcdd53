// The plugin's connections to the kernels of notebooks.
import { expect, it } from "vitest";
import { Agents } from "../src/lab/agents";
import { FakeKernel, FakePanel } from "./lab";

function made(): { agents: Agents; notebook: FakePanel; kernel: FakeKernel } {
  const kernel = new FakeKernel("idle");
  const notebook = new FakePanel(kernel);
  return { agents: new Agents(notebook.tracker), notebook, kernel };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

async function bind(agents: Agents, notebook: FakePanel): Promise<void> {
  const bound = agents.bind(notebook.panel);
  await settled();
  notebook.kernel.start();
  await bound;
}

it("are made again after the kernel was restarted while one was made", async () => {
  const { agents, notebook, kernel } = made();
  const first = agents.bind(notebook.panel);
  await settled();
  notebook.restart();
  const second = agents.bind(notebook.panel);
  await settled();
  kernel.start();
  await Promise.all([first, second]);
  expect(kernel.told("comm_open")).toEqual([...kernel.comms.keys()]);
  expect(kernel.comms.size).toBe(1);
});

it.each([
  ["the notebook is closed", (notebook: FakePanel) => notebook.content.disposed.emit()],
  ["the page is left", () => window.dispatchEvent(new Event("pagehide"))],
])("are closed when %s", async (_, leave) => {
  const { agents, notebook, kernel } = made();
  await bind(agents, notebook);
  const [comm] = kernel.comms.keys();
  expect(kernel.told("comm_close")).toEqual([]);
  leave(notebook);
  expect(kernel.told("comm_close")).toEqual([comm]);
  expect(kernel.comms.size).toBe(1); // or its subshell would end before it has read that
  await settled();
  expect(kernel.comms.size).toBe(0);
  expect(agents.all).toEqual([]);
});

it("are not closed when the kernel is gone", async () => {
  const { agents, notebook, kernel } = made();
  await bind(agents, notebook);
  notebook.restart();
  notebook.content.disposed.emit();
  expect(kernel.told("comm_close")).toEqual([]);
});
