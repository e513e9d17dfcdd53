import { expect, it } from "vitest";
import type { MessageEntry } from "../src/protocol";
import { rendererFor } from "../src/render";
import { Cast } from "../src/view/cast";
import { MessageView } from "../src/view/message";
import { said } from "./entries";

const told = (sender: string, recipient: string, more: Partial<MessageEntry> = {}): MessageEntry =>
  said("Hello.", { id: `${sender}-${recipient}`, sender, recipient, ...more });
const MANAGER = "chat_manager";

it("a silent recipient of several is a group's manager", () => {
  const cast = new Cast();
  expect(cast.update([told("user", MANAGER)])).toBe(false);
  expect(cast.isManager(MANAGER)).toBe(false);
  expect(cast.update([told("user", MANAGER), told("coder", MANAGER)])).toBe(true);
  expect(cast.isManager(MANAGER)).toBe(true);
  expect(cast.update([told("user", MANAGER), told("coder", MANAGER), told("critic", MANAGER)])).toBe(false);
});

it("who answers is no manager", () => {
  const cast = new Cast();
  cast.update([told("user", "assistant"), told("assistant", "user"), told("critic", "assistant")]);
  expect(["user", "assistant"].filter((name) => cast.isManager(name))).toEqual([]);
});

it("six agents have six colours, in the order in which they first speak", () => {
  const cast = new Cast();
  const names = ["a", "b", "c", "d", "e", "f"];
  cast.update([...names, ...names].map((name) => told(name, MANAGER)));
  expect(names.toReversed().map((name) => cast.colorOf(name))).toEqual([5, 4, 3, 2, 1, 0]);
});

it("in a group only the sender is shown, and the name says both", () => {
  const cast = new Cast();
  const view = new MessageView(rendererFor({}), cast);
  const recipient = () => view.element.querySelector<HTMLElement>(".aj-recipient");
  cast.update([told("user", MANAGER)]);
  view.update(told("user", MANAGER));
  expect(recipient()?.textContent).toBe(`to ${MANAGER}`);
  cast.update([told("user", MANAGER), told("coder", MANAGER)]);
  view.update(told("user", MANAGER));
  expect(recipient()?.hidden).toBe(true);
  expect(view.element.getAttribute("aria-label")).toBe(`user to ${MANAGER}`);
});

it("a message that says nothing takes no room, unless it calls tools", () => {
  const view = new MessageView(rendererFor({}), new Cast());
  view.update(told("a", "b", { text: "", state: "writing" }));
  expect(view.element.hidden).toBe(false);
  view.update(told("a", "b", { text: " " }));
  expect(view.element.hidden).toBe(true);
  const use = { id: "c1", name: "add", arguments: "{}", state: "asked", result: "", seconds: null } as const;
  view.update(told("a", "b", { text: "", tool_calls: [use] }));
  expect(view.element.hidden).toBe(false);
  expect(view.element.querySelector(".aj-call")?.textContent).toBe("add()");
});
