// Characters that reorder the text around them can make code read as something else than what runs: show that they are there.
const MARKS = /[\u202a-\u202e\u2066-\u2069]/g;

export function visible(text: string): string {
  return text.replace(MARKS, named);
}

/** Show them in an element that is drawn already. */
export function makeVisible(element: Element): void {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode as Text;
    if (marksIn(text.data) !== "") {
      text.data = visible(text.data);
    }
  }
}

/** Which of them a text holds, each once. */
export function marksIn(text: string): string {
  return [...new Set(text.match(MARKS) ?? [])].map(named).join(" ");
}

function named(sign: string): string {
  return `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase()}⟩`;
}
