import "eventsource-parser@3.1.1";
import "zod@4.6.7";
/**
 * Names the cause of a failure: why, who can fix it, what to do. What is known about causes is one table (diagnoses/table.ts);
 * the rest matches answers against it and words the result. Pure: it reads plain data and asks nobody.
 */
export { type Diagnosis, diagnose, type KnownFact, type ProbedOutcome } from "./diagnoses/collapse.ts";
export { classify, rank, type Ranked } from "./diagnoses/match.ts";
export type { Signal } from "./diagnoses/reading.ts";
export type { Row } from "./diagnoses/row.ts";
export { statusOf } from "./diagnoses/status.ts";
export { isBlind, rowOf, TABLE, UNRECOGNISED } from "./diagnoses/table.ts";
export type { DiagnosisContext } from "./diagnoses/templates.ts";
export { type Evidence, finding } from "./diagnoses/wording.ts";
