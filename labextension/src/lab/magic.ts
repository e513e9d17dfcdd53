// What stands in cells for our magics: loading them, and the line of a chat.

export const LOAD = "%load_ext autogen_jupyter";
const LOADS = /^\s*%load_ext\s+autogen_jupyter\s*(?:#.*)?$/;
/** Lines that may stand beside it in a cell that is run without being asked for. */
const HARMLESS = /^\s*(?:#.*|%load_ext\s.*|(?:import|from)\s.*)?$/;
const CHAT = /^\s*%%?agentchat\b/;

export function isChat(source: string): boolean {
  return CHAT.test(source);
}

/** Whether a cell loads the magics and has no other effect; code of the person's own is not run for that. */
export function doesNothingButLoad(source: string): boolean {
  const lines = source.split("\n");
  return lines.some((line) => LOADS.test(line)) && lines.every((line) => HARMLESS.test(line));
}

/** The words that name a chat on the magic's line, or null where it cannot be named there, as the line has no escapes. */
export function nameWords(name: string): string[] | null {
  const value = quoted(name);
  if (value === null) {
    return null;
  }
  return name.startsWith("-") ? [`--name=${value}`] : ["-n", value];
}

function quoted(name: string): string | null {
  if (/^[^\s'"{[\\]\S*$/.test(name)) {
    return name;
  }
  const quote = name === "" ? undefined : ["'", '"'].find((one) => !name.includes(one));
  return quote === undefined ? null : quote + name + quote;
}
