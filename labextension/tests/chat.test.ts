import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Chat } from "../src/chat";
import { NO_STATUS } from "../src/store";
import { FakeModel, question } from "./fake_model";

const asked = { kind: "input_asked", request: question() } as const;
const notice = (id: string) => ({ kind: "entry_put", entry: { id, text: id, level: "info", kind: "notice" } }) as const;

let life: AbortController;
let fake: FakeModel;
const made = () => new Chat(fake.model, life.signal);
const ids = (chat: Chat) => chat.state.entries.map(({ id }) => id);

beforeEach(() => {
  vi.useFakeTimers();
  life = new AbortController();
  fake = new FakeModel();
});
afterEach(() => {
  life.abort();
  vi.useRealTimers();
});

describe("batches", () => {
  it("are applied before any view exists", () => {
    const chat = made();
    fake.batch(1, notice("a"), notice("b"));
    expect(ids(chat)).toEqual(["a", "b"]);
  });

  it("that the first state includes already are not applied twice", () => {
    fake.traits.number = 3;
    const chat = made();
    fake.batch(3, notice("a"));
    fake.batch(4, notice("b"));
    expect(ids(chat)).toEqual(["b"]);
  });

  it("out of turn wait, and the whole state is asked for until it comes", () => {
    const chat = made();
    fake.batch(2, notice("b"));
    expect(ids(chat)).toEqual([]);
    vi.advanceTimersByTime(4500);
    expect(fake.kinds()).toEqual(["snapshot_requested", "snapshot_requested", "snapshot_requested"]);
    fake.batch(4, notice("d"));
    fake.update({ entries: [notice("a").entry, notice("b").entry, notice("c").entry], number: 3 });
    expect(ids(chat)).toEqual(["a", "b", "c", "d"]);
    const count = fake.sent.length;
    vi.advanceTimersByTime(10_000);
    expect(fake.sent.length).toBe(count);
  });

  it("in any other shape are ignored", () => {
    const chat = made();
    for (const content of [null, 1, "x", {}, { number: "1", messages: [] }, { number: 1 }]) {
      fake.trigger("msg:custom", content);
    }
    expect(ids(chat)).toEqual([]);
  });
});

describe("a question", () => {
  it("says that it is seen until it is acknowledged, and only while a view shows it", () => {
    const chat = made();
    fake.batch(1, asked);
    vi.advanceTimersByTime(2000);
    expect(fake.kinds()).toEqual([]);
    const view = new AbortController();
    chat.subscribe(() => undefined, view.signal);
    vi.advanceTimersByTime(900);
    expect(fake.kinds()).toEqual(["request_seen", "request_seen", "request_seen"]);
    fake.batch(2, { kind: "acknowledged", request_id: "q1" });
    vi.advanceTimersByTime(5000);
    expect(fake.sent.length).toBe(3);
  });

  it("is answered once", () => {
    const chat = made();
    fake.batch(1, asked);
    chat.answer("reply", "yes");
    chat.answer("reply", "again");
    expect(fake.sent).toEqual([
      { kind: "input_answered", request_id: "q1", action: "reply", text: "yes", code: null, allow: "" },
    ]);
  });

  it("that was answered stays answered when the state is loaded again", () => {
    const chat = made();
    fake.batch(1, asked);
    chat.answer("end");
    fake.update({ request: asked.request, number: 5 });
    expect(chat.state.isAnswered).toBe(true);
  });
});

it("hears nothing more once its model is gone", () => {
  const chat = made();
  life.abort();
  fake.batch(1, notice("a"));
  expect(ids(chat)).toEqual([]);
  expect(chat.isConnected).toBe(false);
});

it.each([
  ["its model is gone", () => life.abort()],
  ["its kernel is gone", (chat: Chat) => chat.lose()],
  [
    "its comm is closed",
    (chat: Chat) => {
      fake.send = () => {
        throw new Error("Cannot send");
      };
      chat.stop();
    },
  ],
])("asks for what is missing no more once %s", (_, end) => {
  const chat = made();
  fake.batch(2, notice("b"));
  expect(fake.kinds()).toEqual(["snapshot_requested"]);
  end(chat);
  expect(vi.getTimerCount()).toBe(0);
});

it("is disconnected from a kernel that does not answer, until it does", () => {
  const chat = made();
  fake.trigger("comm_live_update");
  expect(chat.isConnected).toBe(false);
  expect(fake.kinds()).toEqual(["snapshot_requested"]);
  fake.update({ number: 1 });
  expect(chat.isConnected).toBe(true);
});

it("is disconnected when its comm cannot send", () => {
  const chat = made();
  fake.send = () => {
    throw new Error("Cannot send");
  };
  chat.stop();
  expect(chat.isConnected).toBe(false);
});

it("leaves the whole chat in the model's traits when it ends", () => {
  made();
  fake.batch(1, notice("a"), { kind: "status_changed", status: { ...NO_STATUS, state: "ended" } });
  expect(fake.traits.entries.map(({ id }) => id)).toEqual(["a"]);
  expect(fake.traits.number).toBe(1);
});
