// The module as front ends without JupyterLab behind them run it: VS Code, Colab, and others that show anywidgets. They have no plugin
// and no renderers of the application; clicks may not be heard before the cell has ended, and messages may all come at once by then.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ToFrontend } from "../src/protocol";
import { NO_STATUS } from "../src/store";
import widget from "../src/widget";
import { said } from "./entries";
import { FakeModel, question } from "./fake_model";

class NoObserver {
  observe(): void {}
  disconnect(): void {}
}

const put = (id: string, text: string): ToFrontend => ({ kind: "entry_put", entry: said(text, { id }) });
const ended: ToFrontend = { kind: "status_changed", status: { ...NO_STATUS, state: "ended", reason: "done" } };
const asked: ToFrontend = { kind: "input_asked", request: question({ type: "approval", prompt: "May it run?" }) };

let fake: FakeModel;
let host: HTMLElement;
let end: () => void;

/** Show the chat as a front end does that gives its views no signal and its models no manager. */
function shown(): HTMLElement {
  const { model } = fake;
  Object.assign(fake, { widget_manager: undefined });
  const module = widget();
  const endModel = module.initialize({ model, experimental: {} as never } as never);
  const endView = module.render({ model, el: host, experimental: {} as never } as never);
  end = () => {
    endView();
    endModel();
  };
  return host;
}

const drawn = () => vi.advanceTimersByTimeAsync(500);
/** Whether a question can be answered. */
const isOpen = () => {
  const form = host.querySelector(".aj-form");
  return form !== null && form.closest("[hidden], [inert]") === null;
};
const run = () => [...host.querySelectorAll("button")].find((button) => button.textContent === "Run");

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("ResizeObserver", NoObserver);
  fake = new FakeModel();
  host = document.createElement("div");
  document.body.replaceChildren(host);
});
afterEach(async () => {
  end();
  await drawn();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  delete document.body.dataset.vscodeThemeKind;
});

describe("without a widget manager", () => {
  it("draws Markdown itself, and asks for nothing outside", async () => {
    shown();
    fake.batch(1, put("m1", "**Bold** and ![plot](http://elsewhere.example/x.png)\n\n```python\nprint(1)\n```"));
    await drawn();
    expect(host.querySelector("article strong")?.textContent).toBe("Bold");
    expect(host.querySelector("img")).toBeNull();
    expect(host.querySelector('a[href="http://elsewhere.example/x.png"]')?.textContent).toContain("plot");
    expect([...host.querySelectorAll("button")].map((button) => button.textContent)).toContain("Copy code");
  });

  it("says nothing of a plugin, and follows the editor's theme", async () => {
    document.body.dataset.vscodeThemeKind = "vscode-dark";
    shown();
    await drawn();
    expect(fake.kinds()).not.toContain("plugin_found");
    expect(host.querySelector<HTMLElement>(".aj-chat")?.dataset.scheme).toBe("dark");
  });
});

describe("a kernel that hears nothing while the cell runs", () => {
  it("is told again and again that the question is seen, and the form stays ready", async () => {
    shown();
    fake.batch(1, asked);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(fake.kinds().filter((kind) => kind === "request_seen").length).toBeGreaterThan(3);
    expect(run()?.disabled).toBe(false);
    expect(isOpen()).toBe(true);
  });

  it("asks below the cell instead, and the view says so and stops", async () => {
    shown();
    fake.batch(1, asked);
    await drawn();
    fake.batch(2, { kind: "input_closed", request_id: "q1", note: "Asked below the cell" });
    await drawn();
    expect(host.textContent).toContain("Asked below the cell");
    expect(isOpen()).toBe(false);
    const count = fake.sent.length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(fake.sent.length).toBe(count);
  });

  it("hears an answer late, and takes it once", async () => {
    shown();
    fake.batch(1, asked);
    await drawn();
    run()?.click();
    run()?.click();
    expect(fake.kinds().filter((kind) => kind === "input_answered")).toEqual(["input_answered"]);
  });
});

describe("messages that were held back until the cell ended", () => {
  it("come all at once: everything is there, and nothing is asked any more", async () => {
    shown();
    for (let number = 1; number <= 40; number++) {
      fake.batch(number, put(`m${number}`, `Message ${number}`));
    }
    fake.batch(41, asked, { kind: "input_closed", request_id: "q1", note: "Asked below the cell" });
    fake.batch(42, ended);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(host.querySelectorAll("article").length).toBe(40);
    expect(host.querySelector("[role=status]")?.textContent).toBe("Ended: done");
    expect(isOpen()).toBe(false);
  });

  it("come after the state that holds them already: nothing is there twice", async () => {
    fake.traits.entries = [said("One", { id: "m1" }), said("Two", { id: "m2" })];
    fake.traits.number = 2;
    shown();
    fake.batch(1, put("m1", "One"));
    fake.batch(2, put("m2", "Two"));
    fake.batch(3, put("m3", "Three"), ended);
    await drawn();
    expect([...host.querySelectorAll("article .aj-text")].map((text) => text.textContent?.trim())).toEqual([
      "One",
      "Two",
      "Three",
    ]);
  });
});

it("a comm that is closed leaves the chat readable and says so", async () => {
  shown();
  fake.batch(1, put("m1", "Hello"), { kind: "status_changed", status: { ...NO_STATUS, state: "running" } });
  fake.send = () => {
    throw new Error("Comm is closed");
  };
  await drawn();
  [...host.querySelectorAll("button")].find((button) => button.textContent === "Stop")?.click();
  fake.batch(2, asked);
  await drawn();
  expect(host.querySelector("[role=status]")?.textContent).toContain("Disconnected");
  expect(host.textContent).toContain("Hello");
});

it("a view that was ended by its function draws no more", async () => {
  shown();
  end();
  fake.batch(1, put("m1", "afterwards"));
  await drawn();
  expect(host.textContent).not.toContain("afterwards");
});
