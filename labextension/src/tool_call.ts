// A tool call as text: on one line, and laid out to be read. The model's own tokens stay as they are, so that what is read is what runs:
// to parse the numbers and write them again would round them, and lose a name that is given twice.
import { visible } from "./direction_marks";

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
/** Characters of a call on its line. */
const LONGEST = 80;
/** Deeper than that, text is not indented further: a line must not grow with its depth. */
const DEEPEST = 16;

/** The call on one line, and whether all of it is there. */
export function shortCall(name: string, given: string): { text: string; isWhole: boolean } {
  const line = laidOut(given, "");
  const call = `${visible(name)}(${line === "{}" ? "" : visible(line).replace(/[\r\n]+/g, " ")})`;
  return call.length <= LONGEST && !/[\r\n]/.test(line)
    ? { text: call, isWhole: true }
    : { text: `${shortened(call.slice(0, -1))})`, isWhole: false };
}

function shortened(text: string): string {
  return text.length < LONGEST ? text : `${[...text.slice(0, LONGEST)].slice(0, -2).join("")}…`;
}

/** The arguments, a line for each. */
export function longArguments(given: string): string {
  return visible(laidOut(given, "  "));
}

/** Name and arguments of a call as a person is asked about it; null when the text is none. */
export function readCall(text: string): { name: string; given: string } | null {
  const found = /^([^\s(]+)\(([\s\S]*)\)$/.exec(text.trim());
  return found ? { name: found[1] ?? "", given: found[2] ?? "" } : null;
}

function laidOut(text: string, indent: string): string {
  if (!isJson(text)) {
    return text;
  }
  const tokens = text.match(TOKEN) ?? [];
  let [made, depth] = ["", 0];
  const newLine = () => (indent ? `\n${indent.repeat(Math.min(depth, DEEPEST))}` : "");
  tokens.forEach((token, index) => {
    if (token === "{" || token === "[") {
      depth += 1;
      made += token + (/^[}\]]$/.test(tokens[index + 1] ?? "") ? "" : newLine());
    } else if (token === "}" || token === "]") {
      depth -= 1;
      made += (/^[{[]$/.test(tokens[index - 1] ?? "") ? "" : newLine()) + token;
    } else if (token === ",") {
      made += `,${newLine() || " "}`;
    } else {
      made += token === ":" ? ": " : token;
    }
  });
  return made;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
