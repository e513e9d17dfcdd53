// The pure parts of the plugin.
import { describe, expect, it } from "vitest";
import { codeOf } from "../src/code_of";
import { diffLines } from "../src/lab/diff";
import { type CellContent, errorOf, messageFor, promptFor, shownBy, type Wishes } from "../src/lab/prompts";
import { elapsedText, sizeText } from "../src/lab/units";
import type { RunEntry } from "../src/protocol";
import { CHAT_MIME, chatOf, savedChatOf } from "../src/saved";

const WISHES: Wishes = { ask: "Ask.", fix: "Fix.", cell: "The cell:", shown: "Shown:", failed: "Failed:" };

function cell(source: string, ...outputs: Record<string, unknown>[]): CellContent {
  return { source, cell_type: "code", outputs };
}

const failed = {
  output_type: "error",
  ename: "ZeroDivisionError",
  evalue: "division by zero",
  traceback: ["\u001b[31mZeroDivisionError\u001b[0m: division by zero"],
};

describe("a question about a cell", () => {
  it("holds its code and the end of what it showed", () => {
    const { source, line } = promptFor(cell("x", { output_type: "stream", text: ["1\n", "2\n"] }), WISHES, true);
    expect(source).toBe("%%agentchat\nAsk.\n\nThe cell:\n\n```python\nx\n```\n\nShown:\n\n```text\n1\n2\n```");
    expect(source.split("\n")[line]).toBe("Ask.");
  });

  it("leaves the output out when it is told to, but never an error", () => {
    expect(promptFor(cell("x", { output_type: "stream", text: "1" }), WISHES, false).source).not.toContain("Shown:");
    const { source } = promptFor(cell("1/0", failed), WISHES, false);
    expect(source).toContain("Fix.");
    expect(source).toContain("Failed:\n\n```text\nZeroDivisionError: division by zero\n```");
  });

  it("cannot be closed by the code it quotes", () => {
    expect(promptFor(cell('"""\n```\n"""'), WISHES, true).source).toContain('````python\n"""\n```\n"""\n````');
  });

  it("sends the end of a long output only", () => {
    const { source } = promptFor(
      cell("x", { output_type: "stream", text: `start${"·".repeat(9000)}end` }),
      WISHES,
      true,
    );
    expect(source.length).toBeLessThan(2300);
    expect(source).toContain("·end");
    expect(source).not.toContain("start");
  });

  it("does not quote a chat", () => {
    expect(promptFor(cell("%%agentchat\nHello"), WISHES, true).source).toBe("%%agentchat\nAsk.");
    expect(promptFor(cell("%agentchat fix", failed), WISHES, true).source).toMatch(/^%%agentchat\nAsk.\n\nFailed:/);
  });

  it("knows a failed cell without a traceback", () => {
    expect(errorOf(cell("x", { ...failed, traceback: [] }))).toBe("ZeroDivisionError: division by zero");
    expect(errorOf(cell("x"))).toBeNull();
  });
});

describe("a message of the side bar", () => {
  it("is the cell that will run", () => {
    expect(messageFor("%%agentchat", " Hello ", [])).toBe("%%agentchat\nHello");
    const parts = [
      { label: "Cell [3]:", language: "python", text: "y = 7" },
      { label: "Output of cell [3]:", language: "text", text: "7" },
    ];
    expect(messageFor("%%agentchat -m a/b", "Why?", parts)).toBe(
      "%%agentchat -m a/b\nWhy?\n\nCell [3]:\n\n```python\ny = 7\n```\n\nOutput of cell [3]:\n\n```text\n7\n```",
    );
  });

  it("quotes what a cell shows, whole or one output of it", () => {
    const shown = cell(
      "x",
      { output_type: "stream", text: ["1\n"] },
      { output_type: "display_data", data: { "image/png": "AAAA", "text/plain": "<Figure>" } },
      failed,
    );
    expect(shownBy(shown)).toBe("1\n<Figure>\nZeroDivisionError: division by zero");
    expect(shownBy(shown, 1)).toBe("<Figure>");
    expect(shownBy(shown, 7)).toBe("");
  });
});

describe("the agent kernel", () => {
  it("tells sizes and times as people read them", () => {
    expect([96, 1000, 1536, 12_345_678, 999_999].map(sizeText)).toEqual([
      "96 B",
      "1.0 kB",
      "1.5 kB",
      "12 MB",
      "1.0 MB",
    ]);
    expect([5, 65, 3725].map(elapsedText)).toEqual(["5 s", "1 min 5 s", "1 h 2 min"]);
  });
});

describe("a diff", () => {
  const ops = (before: string, after: string) => diffLines(before, after).map(({ op, text }) => `${op[0]} ${text}`);

  it("keeps the lines that both have", () => {
    expect(ops("a\nb\nc", "a\nc\nd")).toEqual(["s a", "r b", "s c", "a d"]);
  });

  it("is nothing but the same lines when nothing changes", () => {
    expect(ops("a\nb", "a\nb")).toEqual(["s a", "s b"]);
  });

  it("gives both texts back", () => {
    const before = "import x\n\ny = 1\nz = 2";
    const after = "import x\ny = 2\n\nz = 2\nprint(z)";
    const lines = diffLines(before, after);
    expect(
      lines
        .filter(({ op }) => op !== "added")
        .map(({ text }) => text)
        .join("\n"),
    ).toBe(before);
    expect(
      lines
        .filter(({ op }) => op !== "removed")
        .map(({ text }) => text)
        .join("\n"),
    ).toBe(after);
  });
});

function run(more: Partial<RunEntry>): RunEntry {
  return {
    id: "r",
    agent: "user",
    message_id: "",
    blocks: [{ language: "python", code: "print(1)" }],
    state: "ok",
    is_edited: false,
    block: 0,
    outputs: [],
    exit_code: 0,
    seconds: 1,
    output: "",
    kind: "run",
    ...more,
  };
}

describe("the code of a chat", () => {
  it("is what ran without an error, in order", () => {
    const blocks = [{ language: "python", code: "2" }];
    expect(codeOf([run({}), run({ state: "error" }), run({ blocks })])).toEqual([
      { language: "python", code: "print(1)" },
      { language: "python", code: "2" },
    ]);
  });
});

describe("a saved chat", () => {
  const saved = (entries: unknown[], more: object = {}) => ({
    [CHAT_MIME]: { version: 1, entries, status: { state: "ended" }, versions: {}, ...more },
  });

  it("gets its images back from the page", () => {
    const output = {
      output_type: "display_data",
      data: { "image/png": { $ref: "text/html", image: 1 }, "text/plain": "p" },
    };
    const html = '<img src="data:image/png;base64,AAAA"><img src="data:image/png;base64,BBBB">';
    const chat = savedChatOf({ ...saved([run({ outputs: [output] })]), "text/html": html });
    expect(chat?.entries[0]).toMatchObject({ outputs: [{ data: { "image/png": "BBBB", "text/plain": "p" } }] });
  });

  it("leaves out an image that is gone, and a page that is not one", () => {
    const output = { output_type: "display_data", data: { "image/png": { $ref: "text/html", image: 7 } } };
    const chat = savedChatOf({
      ...saved([run({ outputs: [output] })]),
      "text/html": '<img src="https://example.org/x">',
    });
    expect(chat?.entries[0]).toMatchObject({ outputs: [{ data: {} }] });
  });

  it("may leave out what goes without saying, and may say it all, as the first version did", () => {
    const message = { kind: "message", id: "m", sender: "a", recipient: "b", role: "assistant", text: "x" };
    const use = { id: "c", name: "add", arguments: "{}" };
    const short = [
      { ...message, tool_calls: [use] },
      { kind: "run", id: "r", agent: "user", message_id: "m", blocks: [] },
      { kind: "notice", id: "n", text: "x" },
    ];
    const long = [
      {
        ...message,
        state: "done",
        reasoning: "",
        model: "",
        is_language_model: true,
        tool_calls: [{ ...use, state: "asked", result: "", seconds: null }],
      },
      run({ message_id: "m", blocks: [], state: "proposed", exit_code: null, seconds: null }),
      { kind: "notice", id: "n", text: "x", level: "info" },
    ];
    expect(savedChatOf(saved(short, { version: 2 }))?.entries).toEqual(long);
    expect(savedChatOf(saved(long, { version: 1 }))?.entries).toEqual(long);
  });

  it("gets long code back from the message that proposed it", () => {
    const said = {
      kind: "message",
      id: "m",
      sender: "a",
      recipient: "b",
      role: "assistant",
      text: "Look 🐧:\n```\na\n\nb\n```",
    };
    const code = (lines: string) => ({ language: "python", code: { $ref: "message", lines } });
    const blocks = [{ language: "sh", code: "ls" }, code("3-5"), code("5-9"), code("x")];
    const entries = savedChatOf(saved([said, run({ message_id: "m", blocks } as object)], { version: 2 }))?.entries;
    expect(entries?.[1]).toMatchObject({
      blocks: [
        { language: "sh", code: "ls" },
        { language: "python", code: "a\n\nb" },
      ],
    });
    const alone = savedChatOf(saved([run({ message_id: "m", blocks } as object)], { version: 2 }))?.entries;
    expect(alone?.[0]).toMatchObject({ blocks: [{ language: "sh", code: "ls" }] });
  });

  it("gets what the model reads back from what was printed", () => {
    const printed = (text: unknown) => ({ output_type: "stream", name: "stdout", text });
    const plot = { output_type: "display_data", data: {} };
    const reads = (output: unknown, outputs: unknown) => {
      const entries = [{ ...run({}), output, outputs }];
      return (savedChatOf(saved(entries, { version: 2 }))?.entries[0] as RunEntry | undefined)?.output;
    };
    const ref = { $ref: "outputs" };
    expect(reads(ref, [printed("a\n\u00a0"), printed(["🐧", " b \t\n\n"])])).toBe("a\n\u00a0🐧 b");
    expect(reads({ ...ref, rest: "\n[image/png 3x2]\nb" }, [printed("a\n"), plot, printed("b\n")])).toBe(
      "a\n[image/png 3x2]\nb",
    );
    expect(reads("a", [printed("b")])).toBe("a");
    expect(reads({ ...ref, rest: { toString: 5 } }, [printed("a"), 5, printed("b")])).toBe("a");
    expect(reads({ ...ref, rest: "c" }, [{ output_type: "stream" }, printed("\n")])).toBe("c");
    expect(reads({ $ref: "elsewhere", rest: "c" }, [printed("a")])).toBe("c");
    expect(reads(ref, "a")).toBeUndefined();
  });

  it("is not drawn when it is of another version, or no chat at all", () => {
    expect(savedChatOf(saved([], { version: 3 }))).toBeNull();
    expect(savedChatOf({ [CHAT_MIME]: "hello" })).toBeNull();
    expect(savedChatOf({})).toBeNull();
  });

  it("drops entries that are none", () => {
    const odd = { kind: "message", id: "m", sender: "a", text: "x", tool_calls: [null, 1] };
    const entries = savedChatOf(
      saved([null, 1, { kind: "message", id: "a" }, { ...run({}), outputs: [null, 1] }, odd]),
    )?.entries;
    expect(entries?.map(({ id }) => id)).toEqual(["r", "m"]);
    expect(entries?.[0]).toMatchObject({ outputs: [] });
    expect(entries?.[1]).toMatchObject({ tool_calls: [] });
  });

  it("says nothing about a kernel that may be gone", () => {
    const ended = savedChatOf(saved([], { status: { state: "ended", kernel: "idle" } }));
    expect(ended && chatOf(ended, new AbortController().signal).state.status.kernel).toBe("");
  });

  it("that had not ended is shown as cut off", () => {
    const { signal } = new AbortController();
    const ended = savedChatOf(saved([]));
    const running = savedChatOf(saved([], { status: { state: "running" } }));
    expect(ended && chatOf(ended, signal).isConnected).toBe(true);
    expect(running && chatOf(running, signal).isConnected).toBe(false);
  });
});
