// The chats that a notebook holds in its outputs.
import { describe, expect, it } from "vitest";
import { type Data, heldIn, holderOf, resumeLine } from "../src/lab/history";
import { CHAT_MIME, VIEW_MIME } from "../src/saved";

const nobody = () => false;
const asked = (text: unknown, role = "user") => ({ kind: "message", id: "m", sender: "user", role, text });
const saved = (more: object = {}): Data => ({
  [CHAT_MIME]: { version: 2, entries: [asked("Why?\nTell me.")], ...more },
});
const holder = (id: string, shown: Data[], source = "") => ({ id, source: () => source, shown });

describe("the chats of a notebook", () => {
  it("are told by request, model and time, in their order", () => {
    const status = { state: "ended", model: "builtin/demo", since: 1700000000 };
    const cells = [
      holder("a", [{ "text/plain": "1" }, saved({ status })]),
      holder("b", []),
      holder("c", [saved({ entries: [{ kind: "notice", id: "n", text: "Using it." }, asked([" How\n", "many?"])] })]),
    ];
    const told = heldIn(cells, nobody).map(({ id, cellId, title, model, since }) => [id, cellId, title, model, since]);
    expect(told).toEqual([
      ["a:1", "a", "Why?", "builtin/demo", 1700000000],
      ["c:0", "c", "How", "", 0],
    ]);
    expect(holderOf(cells, "a:1")?.id).toBe("a");
  });

  it("of which only the answer is left are told by what their cell asks", () => {
    const answer = saved({ entries: [asked("42.", "assistant")], is_excerpt: true });
    const [quiet, python] = heldIn(
      [
        holder("a", [answer], "%%agentchat -q\n\nHow many?\nAll of them."),
        holder("b", [answer], "user.initiate_chat(a)"),
      ],
      nobody,
    );
    expect([quiet?.title, python?.title]).toEqual(["How many?", "42."]);
  });

  it("leave out those that a widget shows, and what is no chat", () => {
    const cells = [
      holder("a", [saved({ chat_id: "w1" })]),
      holder("b", [{ ...saved(), [VIEW_MIME]: { model_id: "w2" } }]),
      holder("c", [saved({ chat_id: "w3" })]),
      holder("d", [{ [CHAT_MIME]: "x" }, { [CHAT_MIME]: { entries: null } }, { [CHAT_MIME]: null }]),
    ];
    const held = heldIn(cells, (id) => id !== "w3");
    expect(held.map(({ cellId }) => cellId)).toEqual(["c"]);
    expect(holderOf(cells, "w2")?.id).toBe("b");
    expect(holderOf(cells, "w9")).toBeUndefined();
  });

  it("go on by the conversation they belong to, else by themselves, and no file writes code of its own", () => {
    const address = (more: object) => heldIn([holder("a", [saved(more)])], nobody)[0]?.address;
    const conversation = { id: "ab12", name: "crew" };
    expect(address({ chat_id: "w1", conversation })).toBe("ab12");
    expect(address({ chat_id: "w1" })).toBe("");
    expect(address({})).toBe("");
    expect(address({ conversation: { id: "x\n!rm -rf ~" } })).toBe("");
    expect(address({ conversation: { id: ["a"] }, chat_id: 5 })).toBe("");
  });
});

describe("the line that lets a chat go on", () => {
  it("names the file as its kernel finds it, in quotes where it must", () => {
    expect(resumeLine("work/sales.ipynb", "ab12")).toBe("%agentchat resume sales.ipynb#ab12");
    expect(resumeLine("sales.ipynb", "")).toBe("%agentchat resume sales.ipynb");
    expect(resumeLine("my chats.ipynb", "ab12")).toBe('%agentchat resume "my chats.ipynb#ab12"');
    expect(resumeLine('"a" b.ipynb', "c")).toBe(`%agentchat resume '"a" b.ipynb#c'`);
    expect(resumeLine("{a}.ipynb", "c")).toBe('%agentchat resume "{a}.ipynb#c"');
    expect(resumeLine("a\nb.ipynb", "c")).not.toContain("\n");
  });
});
