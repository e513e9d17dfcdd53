// One chat on this page: takes batches from the kernel in order, keeps the state for every view, sends what the person does.
import type { AnyModel } from "@anywidget/types";
import { pluginHook } from "./hook";
import type { Batch, Entry, FromFrontend, InputAnswered, Request, Status } from "./protocol";
import { type ChatState, reduce, stateOf } from "./store";

export interface ChatTraits extends Record<string, unknown> {
  entries: Entry[];
  status: Partial<Status>;
  request: Request | null;
  number: number;
  /** The model's id. */
  identity: string;
}

/** How often a question on screen says so, until the kernel hears it: the first messages may be lost. */
const SEEN_EVERY = 400;
const SNAPSHOT_EVERY = 2000;

export class Chat {
  state: ChatState;
  /** Kernel clock minus ours, in seconds, as far as a live message told. */
  skew = 0;
  isConnected = true;
  /** Its kernel has not answered yet: what is shown was saved. */
  isAwaited = false;
  private number: number;
  private savedNumber = -1;
  private early: Batch[] = [];
  private readonly views = new Set<() => void>();
  private seenTimer = 0;
  private snapshotTimer = 0;

  constructor(
    private readonly model: AnyModel<ChatTraits>,
    signal: AbortSignal,
  ) {
    this.state = this.snapshot();
    this.number = model.get("number");
    const onMessage = (content: unknown) => this.receive(content);
    const onNumber = () => this.load();
    const onConnection = () => this.reconnect();
    model.on("msg:custom", onMessage);
    model.on("change:number", onNumber);
    model.on("comm_live_update", onConnection);
    signal.addEventListener("abort", () => {
      model.off("msg:custom", onMessage);
      model.off("change:number", onNumber);
      model.off("comm_live_update", onConnection);
      this.lose();
    });
    if (pluginHook() !== undefined) {
      this.send({ kind: "plugin_found" });
    }
  }

  /** Call `listener` after every change, as long as the view lives. */
  subscribe(listener: () => void, signal: AbortSignal): void {
    this.views.add(listener);
    signal.addEventListener("abort", () => {
      this.views.delete(listener);
      this.keepSaying();
    });
    this.keepSaying();
  }

  answer(
    action: InputAnswered["action"],
    text = "",
    code: string[] | null = null,
    allow: InputAnswered["allow"] = "",
  ): void {
    const request = this.state.request;
    if (!request || this.state.isAnswered) {
      return;
    }
    this.send({ kind: "input_answered", request_id: request.id, action, text, code, allow });
    this.state = { ...this.state, isAnswered: true };
    this.notify();
  }

  /** Be asked again about what was allowed. */
  revoke(permissionId: string): void {
    this.send({ kind: "permission_revoked", permission_id: permissionId });
  }

  stop(): void {
    this.send({ kind: "stop_requested" });
  }

  /** The kernel, or the page's hold on it, is gone for good. */
  lose(): void {
    this.isConnected = false;
    this.isAwaited = false;
    clearInterval(this.snapshotTimer);
    this.notify();
  }

  private send(message: FromFrontend): void {
    try {
      this.model.send(message);
    } catch {
      // The comm is closed: the kernel was restarted or is gone.
      this.isConnected = false;
      clearInterval(this.snapshotTimer);
    }
  }

  /** The front end lost the kernel, or found it again: only an answer tells which. */
  private reconnect(): void {
    this.isConnected = false;
    this.send({ kind: "snapshot_requested" });
    this.notify();
  }

  private snapshot(): ChatState {
    return stateOf(this.model.get("entries") ?? [], this.model.get("status") ?? {}, this.model.get("request") ?? null);
  }

  private receive(content: unknown): void {
    if (!isBatch(content) || content.number <= this.number) {
      return;
    }
    this.isConnected = true;
    this.early.push(content);
    this.drain();
    this.notify();
  }

  /** Apply the batches that are in turn. What is missing does not come by itself: ask for the whole state. */
  private drain(): void {
    this.early.sort((a, b) => a.number - b.number);
    while (this.early[0] && this.early[0].number <= this.number + 1) {
      const batch = this.early.shift();
      if (batch && batch.number === this.number + 1) {
        this.apply(batch);
      }
    }
    clearInterval(this.snapshotTimer);
    if (this.early.length > 0 && this.isConnected) {
      const ask = () => this.send({ kind: "snapshot_requested" });
      this.snapshotTimer = setInterval(ask, SNAPSHOT_EVERY);
      ask();
    }
  }

  private apply(batch: Batch): void {
    this.number = batch.number;
    for (const message of batch.messages) {
      if (message.kind === "status_changed" && message.status.since !== this.state.status.since) {
        this.skew = message.status.since - Date.now() / 1000;
      }
    }
    this.state = reduce(this.state, ...batch.messages);
  }

  private load(): void {
    const number = this.model.get("number");
    if (number <= this.number) {
      return;
    }
    this.isConnected = true;
    const { request, isAnswered } = this.state;
    this.state = this.snapshot();
    if (request && request.id === this.state.request?.id) {
      this.state = { ...this.state, isAnswered };
    }
    this.number = number;
    this.drain();
    this.notify();
  }

  private notify(): void {
    this.keepSaying();
    if (this.state.status.state === "ended") {
      this.keepForSaving();
    }
    for (const view of this.views) {
      view();
    }
  }

  /** A notebook that saves widget state saves the model's traits: let them hold the whole chat once it is over. */
  private keepForSaving(): void {
    if (this.savedNumber < this.number) {
      this.savedNumber = this.number;
      this.model.set("entries", [...this.state.entries]);
      this.model.set("status", this.state.status);
      this.model.set("request", this.state.request);
      this.model.set("number", this.number);
    }
  }

  private keepSaying(): void {
    const { request, isAcknowledged } = this.state;
    const isOnScreen = request !== null && !isAcknowledged && this.views.size > 0 && this.isConnected;
    if (!isOnScreen) {
      clearInterval(this.seenTimer);
      this.seenTimer = 0;
    } else if (this.seenTimer === 0) {
      this.seenTimer = setInterval(() => this.saySeen(), SEEN_EVERY);
      this.saySeen();
    }
  }

  private saySeen(): void {
    if (this.state.request) {
      this.send({ kind: "request_seen", request_id: this.state.request.id });
    }
  }
}

function isBatch(content: unknown): content is Batch {
  if (typeof content !== "object" || content === null) {
    return false;
  }
  const { number, messages } = content as Partial<Batch>;
  return typeof number === "number" && Array.isArray(messages);
}
