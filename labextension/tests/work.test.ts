import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Throttle } from "../src/dom";
import { Work } from "../src/work";

let done: string[];
let work: Work;
const note = (name: string) => () => {
  done.push(name);
};
beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(performance, "now").mockImplementation(() => Date.now());
  done = [];
  work = new Work();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("work", () => {
  it("that was asked for last is done first, and what can wait comes in the end", async () => {
    work.addLater("slice", note("slice"));
    work.add("old", note("old"));
    work.add("new", note("new"));
    await vi.runAllTimersAsync();
    expect(done).toEqual(["new", "old", "slice"]);
  });

  it("is done once for each owner, and not at all for one that is gone", async () => {
    work.add("a", note("first"));
    work.add("b", note("b"));
    work.add("a", note("second"));
    work.drop("b");
    await vi.runAllTimersAsync();
    expect(done).toEqual(["second"]);
  });

  it("leaves the page its turn", async () => {
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    for (const name of ["3", "2", "1"]) {
      work.add(name, () => {
        now += name === "1" ? 30 : 1;
        done.push(name);
        setTimeout(note("the page"));
      });
    }
    await vi.runAllTimersAsync();
    expect(done.slice(0, 4)).toEqual(["1", "the page", "2", "3"]);
  });

  it("goes on when a job waits for something or fails", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    work.add("after", note("after"));
    work.add("slow", () => new Promise(() => undefined));
    work.add("broken", () => {
      throw new Error("broken");
    });
    await vi.runAllTimersAsync();
    expect(done).toEqual(["after"]);
    expect(console.error).toHaveBeenCalledOnce();
  });
});

describe("a throttle", () => {
  it("draws at once, and the last state after a pause", async () => {
    let state = 0;
    const throttle = new Throttle(() => {
      done.push(String(state));
    });
    for (state = 1; state <= 3; state++) {
      throttle.request();
      await vi.advanceTimersByTimeAsync(5);
    }
    await vi.runAllTimersAsync();
    expect(done).toEqual(["1", "4"]);
  });

  it("that was stopped draws no more", async () => {
    const throttle = new Throttle(note("drawn"));
    throttle.request();
    throttle.stop();
    throttle.request();
    await vi.runAllTimersAsync();
    expect(done).toEqual([]);
  });
});
