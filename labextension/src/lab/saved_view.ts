// The view of a saved chat: the very code that shows a live one. Loaded when the first saved chat is on a page.
import type { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import css from "../../style/widget.css";
import { h } from "../dom";
import { rendererFor } from "../render";
import { chatOf, savedChatOf } from "../saved";
import { ChatView } from "../view/chat";
import { trans } from "../words";

/** Draw what a file holds, untrusted as everything in it. A chat that is not `lost` may turn out to be in its kernel still. */
export function drawSaved(
  data: Readonly<Record<string, unknown>>,
  rendermime: IRenderMimeRegistry,
  signal: AbortSignal,
  lost: AbortSignal,
): HTMLElement {
  addStyle();
  const saved = savedChatOf(data);
  if (saved === null) {
    return h(
      "p",
      {},
      trans.__("This chat was saved in a form that this page does not know. A newer autogen_jupyter can show it."),
    );
  }
  const host = h("div", {});
  const chat = chatOf(saved, signal);
  if (!chat.isConnected && !lost.aborted) {
    chat.isAwaited = true;
    lost.addEventListener("abort", () => chat.lose());
  }
  new ChatView(host, chat, rendererFor({ rendermime }), signal);
  return host;
}

export function addStyle(): void {
  const id = "autogen-jupyter-style";
  if (document.getElementById(id) === null) {
    document.head.append(h("style", { id }, css));
  }
}
