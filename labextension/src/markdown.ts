// Markdown where the application brings no renderer of its own.
import { marked } from "marked";

/** Return HTML that is still untrusted: it has to be sanitized. */
export function markdownToHtml(text: string): string {
  return marked.parse(text, { async: false, gfm: true });
}
