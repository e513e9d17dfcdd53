// Questions that wait are counted and told once, however many views know of them.
import { describe, expect, it } from "vitest";
import { Notices, type Waiting, waitingIn } from "../src/lab/waiting";
import type { PanelChat } from "../src/protocol";
import { NO_STATUS } from "../src/store";

const chat = (id: string, question_id: string, state: PanelChat["status"]["state"] = "waiting"): PanelChat => ({
  id,
  name: "",
  title: "",
  status: { ...NO_STATUS, state },
  question: `${question_id}?`,
  question_id,
});

describe("the questions that wait", () => {
  it("are each there once, with all that show them", () => {
    const chats = [chat("w1", "q1"), chat("w2", "", "running")];
    const waits = waitingIn([
      ["view 1", chats],
      ["view 2", chats],
      ["another kernel", [chat("w9", "q1")]],
    ]);
    expect(waits.map(({ question, views }) => [question, views])).toEqual([
      ["q1?", ["view 1", "view 2"]],
      ["q1?", ["another kernel"]],
    ]);
  });
});

describe("notices", () => {
  const told: string[] = [];
  const notices = () => {
    told.length = 0;
    return new Notices<string>(
      ({ question }) => {
        told.push(question);
        return `notice ${told.length}`;
      },
      (notice) => told.push(`not ${notice}`),
    );
  };
  const views = (...names: string[]) => waitingIn(names.map((name) => [name, [chat("w1", "q1")]] as const));
  const isSeen = ({ views }: Waiting<string>) => views.includes("in front");

  it("tell once of a question that two views have, and all of it goes with the question", () => {
    const made = notices();
    made.update(views("a", "b"), isSeen);
    made.update(views("a", "b", "c"), isSeen);
    made.update([], isSeen);
    expect(told).toEqual(["q1?", "not notice 1"]);
  });

  it("are not shown while one of the views is in front, nor when it goes to the back later", () => {
    const made = notices();
    made.update(views("a", "in front"), isSeen);
    made.update(views("a", "b"), isSeen);
    expect(told).toEqual([]);
  });
});
