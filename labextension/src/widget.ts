// Entry of the anywidget module: one chat per model, any number of views of it.
import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";
import { Chat, type ChatTraits } from "./chat";
import { keepWhenGone } from "./keep";
import { rendererFor } from "./render";
import { ChatView } from "./view/chat";

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
    initialize({ model, signal }: InitializeProps<ChatTraits>): void {
      chatOf(model, signal);
    },
    render({ model, el, signal }: RenderProps<ChatTraits>): void {
      new ChatView(el, chatOf(model, signal), rendererFor(model.widget_manager), signal);
    },
  };
};
