// The kernel's side of a widget model, as far as a chat uses it.
import type { AnyModel } from "@anywidget/types";
import type { ChatTraits } from "../src/chat";
import type { FromFrontend, Request, ToFrontend } from "../src/protocol";

type Handler = (content?: unknown) => void;

export class FakeModel {
  readonly sent: FromFrontend[] = [];
  readonly widget_manager = {};
  private readonly handlers = new Map<string, Set<Handler>>();

  constructor(readonly traits: ChatTraits = { entries: [], status: {}, request: null, number: 0, identity: "m" }) {}

  /** What the code under test takes; only the members it uses exist. */
  get model(): AnyModel<ChatTraits> {
    return this as unknown as AnyModel<ChatTraits>;
  }

  get<K extends keyof ChatTraits>(key: K): ChatTraits[K] {
    return this.traits[key];
  }

  set<K extends keyof ChatTraits>(key: K, value: ChatTraits[K]): void {
    this.traits[key] = value;
  }

  on(name: string, handler: Handler): void {
    this.handlers.set(name, (this.handlers.get(name) ?? new Set()).add(handler));
  }

  off(name: string, handler: Handler): void {
    this.handlers.get(name)?.delete(handler);
  }

  send(message: FromFrontend): void {
    this.sent.push(message);
  }

  /** A batch comes from the kernel. */
  batch(number: number, ...messages: ToFrontend[]): void {
    this.trigger("msg:custom", { number, messages });
  }

  /** The whole state comes from the kernel. */
  update(traits: Partial<ChatTraits>): void {
    Object.assign(this.traits, traits);
    this.trigger("change:number");
  }

  kinds(): string[] {
    return this.sent.map(({ kind }) => kind);
  }

  trigger(name: string, content?: unknown): void {
    for (const handler of [...(this.handlers.get(name) ?? [])]) {
      handler(content);
    }
  }
}

export function question(more: Partial<Request> = {}): Request {
  return {
    id: "q1",
    type: "reply",
    prompt: "What now?",
    agent: "user",
    sender: "assistant",
    blocks: [],
    choices: [],
    is_last: false,
    offers: [],
    ...more,
  };
}
