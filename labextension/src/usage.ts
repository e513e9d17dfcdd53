// Tokens and money in a few words.
import type { Status } from "./protocol";
import { trans } from "./words";

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
  const cost = usd === null ? trans.__("cost unknown") : usd > 0 ? `$${usd.toFixed(usd < 0.01 ? 4 : 2)}` : "";
  return [trans._n("%2 token", "%2 tokens", tokens, count), cost].filter(Boolean).join(", ");
}
