// Tabs of the side bar, and which of them is chosen.
import { beforeEach, describe, expect, it } from "vitest";
import { Choice } from "../src/lab/choice";
import { Tabs } from "../src/lab/tabs";

let list: HTMLElement;
const content = document.createElement("div");
content.id = "view";
let tabs: Tabs;
let chosen: string;

const tab = (id: string, label = id) => ({ id, label, tooltip: "", state: "running" });
const draw = (...ids: string[]) =>
  tabs.draw(
    ids.map((id) => tab(id)),
    chosen,
  );
const drawn = () => [...list.children].map(({ textContent }) => textContent);
const focused = () => document.activeElement?.textContent;
const press = (key: string, more: KeyboardEventInit = {}) =>
  document.activeElement?.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
  );

beforeEach(() => {
  list = document.createElement("div");
  document.body.replaceChildren(list, content);
  chosen = "b";
  tabs = new Tabs(list, content, (id) => {
    chosen = id;
    draw("a", "b", "c");
  });
  draw("a", "b", "c");
});

describe("tabs", () => {
  it("keep the focus when they are drawn again, and when one is pressed", () => {
    (list.children[0] as HTMLElement).focus();
    draw("a", "b", "c");
    expect(focused()).toBe("a");
    (document.activeElement as HTMLElement).click();
    expect([focused(), chosen]).toEqual(["a", "a"]);
    draw("a", "c", "d");
    expect([focused(), drawn()]).toEqual(["a", ["a", "c", "d"]]);
    chosen = "d";
    draw("c", "d");
    expect(focused()).toBe("d");
  });

  it("are one stop for the Tab key, and arrow keys, Home and End choose", () => {
    const stops = () => [...list.children].map((element) => (element as HTMLElement).tabIndex);
    expect(stops()).toEqual([-1, 0, -1]);
    (list.children[1] as HTMLElement).focus();
    const reached = ["ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End"].map((key) => {
      press(key);
      return `${chosen}${focused()}`;
    });
    expect(reached).toEqual(["cc", "aa", "cc", "aa", "cc"]);
    expect(stops()).toEqual([-1, -1, 0]);
    press("ArrowLeft", { ctrlKey: true });
    press("x");
    expect(chosen).toBe("c");
  });

  it("say what they show, and what is shown says whose it is", () => {
    const at = list.children[1];
    expect(list.getAttribute("role")).toBe("tablist");
    expect([at?.getAttribute("role"), at?.getAttribute("aria-controls")]).toEqual(["tab", "view"]);
    expect([...list.children].map((element) => element.getAttribute("aria-selected"))).toEqual([
      "false",
      "true",
      "false",
    ]);
    expect([content.getAttribute("role"), content.getAttribute("aria-labelledby")]).toEqual(["tabpanel", at?.id]);
    draw();
    expect(content.hasAttribute("role")).toBe(false);
  });
});

describe("the choice in a notebook", () => {
  const chats = (...ids: string[]) => ids.map((id) => ({ id }));

  it("is the chat that began last, until another is chosen", () => {
    const choice = new Choice();
    expect(choice.among([])).toBe("");
    expect(choice.among(chats("1", "2", "3"))).toBe("3");
    choice.choose("1");
    expect(choice.among(chats("1", "2", "3"))).toBe("1");
    expect(choice.among(chats("1", "2", "3", "4"))).toBe("4");
  });

  it("stays while others go, and when all were away for a while", () => {
    const choice = new Choice();
    choice.among(chats("1", "2", "3"));
    choice.choose("2");
    expect(choice.among(chats("2", "3"))).toBe("2");
    expect(choice.among([])).toBe("");
    expect(choice.among(chats("2", "3"))).toBe("2");
    expect(choice.among(chats("3"))).toBe("3");
  });
});
