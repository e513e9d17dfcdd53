// Tokens and money in a few words.
import type { Status } from "./protocol";

export function usageOf({
  prompt_tokens,
  completion_tokens,
  usd,
}: Pick<Status, "prompt_tokens" | "completion_tokens" | "usd">): string {
  const tokens = prompt_tokens + completion_tokens;
  if (tokens === 0) {
    return "";
  }
  const count = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(tokens);
  return `${count} tokens${usd === null ? ", cost unknown" : usd > 0 ? `, $${usd < 0.01 ? usd.toFixed(4) : usd.toFixed(2)}` : ""}`;
}
