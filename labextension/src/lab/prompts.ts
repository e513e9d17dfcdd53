// The text of a cell that asks the agents about another cell.
import { withoutAnsi } from "../ansi";
import { joined } from "../store";
import { fenced } from "../view/code";
import { isChat } from "./magic";

/** Characters of an output that are sent along: its end, where errors say what happened. */
const MOST = 2000;

export interface CellContent {
  readonly source: string | readonly string[];
  readonly cell_type: string;
  readonly outputs?: readonly Record<string, unknown>[];
}

export interface Prompt {
  readonly source: string;
  /** The line of `source` that the person is likely to write anew. */
  readonly line: number;
}

/** Text of the person's wish when the cell is new; it stands selected, so that typing replaces it. */
export interface Wishes {
  readonly ask: string;
  readonly fix: string;
  readonly cell: string;
  readonly shown: string;
  readonly failed: string;
}

/** Ask about a cell; `withOutputs` says whether what it showed goes along. An error always does. */
export function promptFor(cell: CellContent, wishes: Wishes, withOutputs: boolean): Prompt {
  const source = joined(cell.source).trim();
  const error = errorOf(cell);
  const isCode = !isChat(source);
  const parts = ["%%agentchat", error !== null && isCode ? wishes.fix : wishes.ask];
  if (source !== "" && isCode) {
    parts.push("", wishes.cell, "", block(cell.cell_type === "code" ? "python" : "markdown", source));
  }
  const shown = withOutputs ? textOf(cell) : "";
  if (error !== null) {
    parts.push("", wishes.failed, "", block("text", end(error)));
  } else if (shown !== "") {
    parts.push("", wishes.shown, "", block("text", end(shown)));
  }
  return { source: parts.join("\n"), line: 1 };
}

/** A part of the notebook that goes along with a message. */
export interface Part {
  readonly label: string;
  readonly language: string;
  readonly text: string;
}

/** What the side bar sends: the message, and what goes along. */
export function messageFor(line: string, message: string, parts: readonly Part[]): string {
  const below = parts.flatMap(({ label, language, text }) => ["", label, "", block(language, text)]);
  return [line, message.trim(), ...below].join("\n");
}

/** What a cell shows, or one of its outputs, as text; the end of it where it is long. */
export function shownBy(cell: CellContent, index?: number): string {
  const outputs = (cell.outputs ?? []).slice(index, index === undefined ? undefined : index + 1);
  const texts = outputs.map(
    (output) => textOf({ ...cell, outputs: [output] }) || (errorOf({ ...cell, outputs: [output] }) ?? ""),
  );
  return end(texts.filter(Boolean).join("\n"));
}

/** The error a cell ended with, with its traceback, or null. */
export function errorOf(cell: CellContent): string | null {
  const error = cell.outputs?.findLast(({ output_type }) => output_type === "error");
  if (error === undefined) {
    return null;
  }
  const traceback = Array.isArray(error.traceback) ? error.traceback.map(String).join("\n") : "";
  return withoutAnsi(traceback) || `${joined(error.ename)}: ${joined(error.evalue)}`;
}

function textOf(cell: CellContent): string {
  const parts = (cell.outputs ?? []).map((output) => {
    const data = output.data as Record<string, unknown> | undefined;
    return output.output_type === "stream" ? joined(output.text) : joined(data?.["text/plain"]);
  });
  return withoutAnsi(parts.join("\n")).trim();
}

function block(language: string, code: string): string {
  return fenced({ language, code }).trimEnd();
}

function end(text: string): string {
  return text.length > MOST ? `…${text.slice(-MOST)}` : text;
}
