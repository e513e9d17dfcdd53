// The whole view of one chat: header, log, prompt. It draws what changed, at most every 80 ms.
import type { Chat } from "../chat";
import { codeOf } from "../code_of";
import { h, Throttle } from "../dom";
import { CODE_ASKED, type CodeAsked } from "../hook";
import type { Renderer } from "../render";
import { HeaderView } from "./header";
import { LogView } from "./log";
import { PermissionsView } from "./permissions";
import { PromptView } from "./prompt";

export class ChatView {
  private readonly header: HeaderView;
  private readonly log: LogView;
  private readonly permissions: PermissionsView;
  private readonly prompt: PromptView;

  constructor(
    private readonly host: HTMLElement,
    private readonly chat: Chat,
    renderer: Renderer,
    signal: AbortSignal,
  ) {
    this.header = new HeaderView(chat, signal);
    this.log = new LogView(renderer, signal);
    this.permissions = new PermissionsView(chat);
    this.prompt = new PromptView(chat, signal, () => this.log.element.focus({ preventScroll: true }));
    const root = h(
      "div",
      { class: "aj-chat" },
      this.header.element,
      this.log.frame,
      this.permissions.element,
      this.prompt.element,
    );
    root.addEventListener(CODE_ASKED, (event) => {
      (event as CustomEvent<CodeAsked>).detail.blocks.push(...codeOf(chat.state.entries));
    });
    host.replaceChildren(root);
    const throttle = new Throttle(() => this.draw(root));
    chat.subscribe(() => throttle.request(), signal);
    const theme = new MutationObserver(() => throttle.request());
    theme.observe(document.body, {
      attributeFilter: ["class", "data-jp-theme-light", "data-vscode-theme-kind"],
    });
    signal.addEventListener("abort", () => {
      theme.disconnect();
      throttle.stop();
    });
    this.draw(root);
  }

  private draw(root: HTMLElement): void {
    const { state, isConnected, isAwaited } = this.chat;
    root.dataset.state = isConnected ? state.status.state : isAwaited ? "awaited" : "disconnected";
    root.dataset.scheme = scheme();
    this.header.update();
    this.log.update(state.entries);
    this.permissions.update();
    this.prompt.update(this.host.isConnected);
  }
}

/** Whether the front end is dark, by what it says itself; the operating system may differ. */
function scheme(): "light" | "dark" | "auto" {
  const { dataset, classList } = document.body;
  if (dataset.jpThemeLight !== undefined) {
    return dataset.jpThemeLight === "false" ? "dark" : "light";
  }
  if (dataset.vscodeThemeKind !== undefined) {
    return /light/.test(dataset.vscodeThemeKind) ? "light" : "dark";
  }
  return classList.contains("theme-dark") ? "dark" : "auto";
}
