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
