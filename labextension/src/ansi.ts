// Text as a terminal shows it: colours, carriage returns and backspaces.
import { AnsiUp } from "ansi_up";

/** Return `text` as nodes with `ansi-…` classes. No markup of the text survives, and no link is made. */
export function ansi(text: string): DocumentFragment {
  const converter = new AnsiUp();
  converter.use_classes = true;
  converter.url_allowlist = {};
  const template = document.createElement("template");
  template.innerHTML = converter.ansi_to_html(text);
  return template.content;
}

/** Apply carriage returns and backspaces, which progress bars use to draw over themselves. */
export function overwritten(text: string): string {
  if (!/[\b\r]/.test(text)) {
    return text;
  }
  return text.replace(/\r+\n/g, "\n").split("\n").map(lastState).join("\n");
}

function lastState(line: string): string {
  const drawn: string[] = [];
  let at = 0;
  for (const character of line) {
    if (character === "\r") {
      at = 0;
    } else if (character === "\b") {
      at = Math.max(0, at - 1);
    } else {
      drawn[at++] = character;
    }
  }
  return drawn.join("");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** The words alone, without colours and cursor movements. */
export function withoutAnsi(text: string): string {
  return text.replace(SEQUENCE, "");
}
