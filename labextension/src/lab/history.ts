// The chats that a notebook holds in its outputs, and how one of them goes on in another kernel.
import { CHAT_MIME, VIEW_MIME } from "../saved";
import { joined } from "../store";

export type Data = Readonly<Record<string, unknown>>;

/** A cell, as far as chats can be in it. */
export interface Holder {
  readonly id: string;
  readonly source: () => string;
  /** The MIME bundles that it shows. */
  readonly shown: readonly Data[];
}

export interface HeldChat {
  /** Tells it from the others of the notebook. */
  readonly id: string;
  readonly cellId: string;
  /** The first line of the request. */
  readonly title: string;
  readonly model: string;
  /** When it ended, in seconds since the epoch; 0 where that is not known. */
  readonly since: number;
  /** By what `%agentchat resume` finds it in the notebook; empty where only the whole notebook can go on. */
  readonly address: string;
  /** The widget that showed it; empty where that is not known. */
  readonly widgetId: string;
  readonly data: Data;
}

/** The chats in outputs, in the order of the notebook, without those of which a view lives. */
export function heldIn(holders: readonly Holder[], isLive: (widgetId: string) => boolean): HeldChat[] {
  return holders.flatMap(({ id, source, shown }) =>
    shown.flatMap((data, index) => {
      const saved = data[CHAT_MIME];
      if (!isRecord(saved) || !Array.isArray(saved.entries) || idsIn(data).some(isLive)) {
        return [];
      }
      const status = isRecord(saved.status) ? saved.status : {};
      const since = typeof status.since === "number" ? status.since : 0;
      const title = titleOf(saved.entries, source());
      return [
        {
          id: `${id}:${index}`,
          cellId: id,
          title,
          model: joined(status.model),
          since,
          address: addressOf(saved),
          widgetId: idsIn(data).at(-1) ?? "",
          data,
        },
      ];
    }),
  );
}

/** The cell that shows a chat, be it held or live. */
export function holderOf(holders: readonly Holder[], chatId: string): Holder | undefined {
  return holders.find(({ id, shown }) =>
    shown.some((data, index) => `${id}:${index}` === chatId || idsIn(data).includes(chatId)),
  );
}

/** The line that lets a chat of a notebook go on in its kernel, which works in the folder of the file. */
export function resumeLine(path: string, address: string): string {
  const file = (path.split("/").at(-1) ?? "").replace(/\p{Cc}/gu, " "); // a line break would begin code of its own
  const word = address ? `${file}#${address}` : file;
  const quote = word.includes('"') ? "'" : '"';
  return `%agentchat resume ${/^[^\s'"{[-]\S*$/.test(word) ? word : quote + word + quote}`;
}

/** The widgets that show it, or showed it. */
function idsIn(data: Data): string[] {
  const [view, saved] = [data[VIEW_MIME], data[CHAT_MIME]];
  return [isRecord(view) ? joined(view.model_id) : "", isRecord(saved) ? joined(saved.chat_id) : ""].filter(Boolean);
}

/** The address becomes a part of code, and a file may hold anything. */
function addressOf({ conversation }: Data): string {
  const id = isRecord(conversation) ? conversation.id : "";
  return typeof id === "string" && /^[\w-]{1,64}$/.test(id) ? id : "";
}

function titleOf(entries: readonly unknown[], source: string): string {
  const messages = entries.filter(isRecord).filter(({ kind }) => kind === "message");
  const asked = messages.find(({ role }) => role === "user");
  const below = /^\s*%%agentchat.*\n([\s\S]*)/.exec(source)?.[1] ?? ""; // a quiet chat leaves its answer alone
  return firstLine(asked?.text) || firstLine(below) || firstLine(messages[0]?.text);
}

function firstLine(text: unknown): string {
  return joined(text).trim().split("\n", 1)[0]?.trim() ?? "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
