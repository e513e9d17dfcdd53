// Entry of the anywidget module: one chat per model, any number of views of it.
import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";
import { Chat, type ChatTraits } from "./chat";
import { keepWhenGone } from "./keep";
import { rendererFor } from "./render";
import { ChatView } from "./view/chat";

type Made<Props> = Omit<Props, "signal"> & { signal?: AbortSignal };

export default () => {
  let chat: Chat | undefined;
  const chatOf = (model: AnyModel<ChatTraits>, signal: AbortSignal): Chat => {
    if (chat === undefined) {
      chat = new Chat(model, signal);
      keepWhenGone(model.widget_manager, () => model.get("identity"), chat, signal);
    }
    return chat;
  };
  return {
    initialize({ model, signal }: Made<InitializeProps<ChatTraits>>): () => void {
      const life = lifeOf(signal);
      chatOf(model, life.signal);
      return () => life.abort();
    },
    render({ model, el, signal }: Made<RenderProps<ChatTraits>>): () => void {
      const life = lifeOf(signal);
      new ChatView(el, chatOf(model, life.signal), rendererFor(model.widget_manager), life.signal);
      return () => life.abort();
    },
  };
};

/** A front end may end a view by a signal, or by the function it was given, or by both. */
function lifeOf(signal: AbortSignal | undefined): AbortController {
  const life = new AbortController();
  signal?.addEventListener("abort", () => life.abort(), { once: true });
  return life;
}
