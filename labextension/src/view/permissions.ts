// What runs in this chat without a question, and the way to be asked again.
import type { Chat } from "../chat";
import { visible } from "../direction_marks";
import { button, h } from "../dom";
import type { Permission } from "../protocol";
import { trans } from "../words";

export class PermissionsView {
  readonly element = h("div", {
    class: "aj-permissions",
    role: "group",
    "aria-label": trans.__("Runs without asking"),
    hidden: true,
  });
  private shown: readonly Permission[] = [];

  constructor(private readonly chat: Chat) {}

  update(): void {
    const { state, isConnected } = this.chat;
    const { permissions, state: progress } = state.status;
    this.element.hidden = permissions.length === 0 || progress === "ended" || !isConnected;
    if (permissions !== this.shown) {
      this.shown = permissions;
      const hint = h("span", { class: "aj-hint" }, trans.__("Runs without asking:"));
      this.element.replaceChildren(hint, ...permissions.map((one) => this.chip(one)));
    }
  }

  private chip({ id, label }: Permission): HTMLElement {
    const again = button(trans.__("Ask again"), () => this.chat.revoke(id), "quiet");
    again.setAttribute("aria-label", trans.__("Ask again before: %1", visible(label)));
    return h("span", { class: "aj-permission" }, h("bdi", {}, visible(label)), again);
  }
}
