// The view of code that runs.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { rendererFor } from "../src/render";
import { RunView } from "../src/view/run";
import { running } from "./entries";

const RUNNING = running({ blocks: [{ language: "python", code: "work()" }] });

let view: RunView;
const printed = (text: string) => ({ ...RUNNING, outputs: [{ output_type: "stream", name: "stdout", text }] });
const took = () => view.element.querySelector(".aj-took")?.textContent;

beforeEach(async () => {
  vi.useFakeTimers();
  view = new RunView(rendererFor(null), true);
  for (let count = 1; count <= 50; count++) {
    view.update(printed("x".repeat(count)));
    await vi.advanceTimersByTimeAsync(100);
  }
});
afterEach(() => {
  vi.useRealTimers();
});

it("has one clock, whatever the code prints", async () => {
  await vi.advanceTimersByTimeAsync(2000);
  expect(took()).toBe("6 s");
  expect(vi.getTimerCount()).toBe(1);
});

it.each([
  ["the run has ended", () => view.update({ ...RUNNING, state: "ok", seconds: 5 })],
  ["it is off the page", () => view.end()],
])("has no clock when %s", async (_, end) => {
  end();
  await vi.advanceTimersByTimeAsync(1000);
  expect(vi.getTimerCount()).toBe(0);
});
