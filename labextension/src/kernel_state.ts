// What the agent kernel does, in a word.
import { trans } from "./words";

export function kernelState(state: string): string {
  switch (state) {
    case "starting":
      return trans.__("starting");
    case "idle":
      return trans.__("idle");
    case "busy":
      return trans.__("busy");
    case "restarting":
      return trans.__("restarting");
    case "dead":
      return trans.__("dead");
    default:
      return state;
  }
}
