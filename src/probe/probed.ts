import type { Outcome, Probe } from "../core/shapes.ts";
import type { ProtocolProblem } from "./replies.ts";

/** A probe with the answer it is about. */
export interface ProbedOutcome {
  probe: Probe;
  outcome: Outcome;
  /** What its judge found wrong with a 200; derived from the body when absent. */
  problem?: ProtocolProblem;
}

/**
 * What is to be seen of a failed answer: what is wrong with a 200, in our words, then the gateway's error where one was found in it,
 * else the answer itself. Not redacted.
 */
export function seenOf({ outcome, problem }: Pick<ProbedOutcome, "outcome" | "problem">): string {
  const raw = [outcome.body, outcome.failure?.message].filter(Boolean).join(" ");
  if (!problem || problem.detail === "") return raw;
  const { error } = problem;
  const said = error ? [error.message, error.code || error.type].filter(Boolean).join(" / ") : raw;
  return said === "" ? problem.detail : `${problem.detail}: ${said}`;
}
