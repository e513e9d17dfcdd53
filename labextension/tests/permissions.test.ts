import { afterEach, beforeEach, expect, it } from "vitest";
import { Chat } from "../src/chat";
import { NO_STATUS } from "../src/store";
import { PermissionsView } from "../src/view/permissions";
import { FakeModel } from "./fake_model";

const permission = { id: "alike\nimports os", scope: "alike" as const, label: "Python code that imports os" };
let life: AbortController;
let fake: FakeModel;
let view: PermissionsView;

beforeEach(() => {
  life = new AbortController();
  fake = new FakeModel();
  view = new PermissionsView(new Chat(fake.model, life.signal));
  view.update();
});
afterEach(() => life.abort());

function status(state: "running" | "ended", permissions = [permission]): void {
  fake.batch(state === "running" ? 1 : 2, { kind: "status_changed", status: { ...NO_STATUS, state, permissions } });
  view.update();
}

it("shows nothing until something is allowed", () => {
  expect(view.element.hidden).toBe(true);
  status("running");
  expect(view.element.hidden).toBe(false);
  expect(view.element.textContent).toContain("Python code that imports os");
});

it("takes a permission back", () => {
  status("running");
  view.element.querySelector("button")?.click();
  expect(fake.sent).toContainEqual({ kind: "permission_revoked", permission_id: permission.id });
});

it("is gone when the chat has ended", () => {
  status("running");
  status("ended");
  expect(view.element.hidden).toBe(true);
});
