import type { Outcome, Probe } from "../core/shapes.ts";
import type { ProtocolProblem } from "./replies.ts";

/** A probe with the answer it is about. */
export interface ProbedOutcome {
  probe: Probe;
  outcome: Outcome;
  /** What its judge found wrong with a 200; derived from the body when absent. */
  problem?: ProtocolProblem;
}
