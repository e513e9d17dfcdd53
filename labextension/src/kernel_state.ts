// What the agent kernel does, and where it is, in a word.
import type { Status } from "./protocol";
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

export function kernelPlace(place: Status["kernel_place"]): string {
  switch (place) {
    case "isolated":
      return trans.__("isolated");
    case "not isolated":
      return trans.__("not isolated");
    case "remote":
      return trans.__("remote");
    default:
      return place;
  }
}
