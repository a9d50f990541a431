import type { Answer } from "../http.ts";
import type { Completion } from "./completion.ts";
import { EDGE_FAULTS } from "./edge_faults.ts";
import { ERROR_FAMILIES, redactedError, refuse, type Stage, UPSTREAM_REFUSALS } from "./errors.ts";
import { isObject, type Json } from "./json.ts";
import { REPLY_FAULTS } from "./reply_faults.ts";
import type { Call, PoolerState } from "./state.ts";

/** A chat request whose body was read; at the `upstream` stage also with what the model answered. */
export interface ChatCall extends Call {
  body: Json;
  completion?: Completion;
}

/** Where a fault sits: a stage of every request, or the model list. */
export type FaultPoint = Stage | "models";

/** One way to break the gateway. `answer` may use the call and what would have been answered without the fault. */
export interface Fault<C extends Call = Call> {
  point: FaultPoint;
  answer(call: C, proceed: () => Answer): Answer;
}

/** Every error family that a running gateway can fall into, by its code. */
const FAMILY_FAULTS = faultsOf(ERROR_FAMILIES, (family, code) => ({ point: family.stage, answer: () => refuse(code) }));

const UPSTREAM_FAULTS = faultsOf(UPSTREAM_REFUSALS, ({ status, code }) => ({
  point: "upstream",
  answer: () => redactedError(status, code),
}));

function faultsOf<T extends object>(
  rows: T,
  toFault: (row: T[keyof T], name: keyof T) => Fault,
): Record<keyof T, Fault> {
  const names = Object.keys(rows) as (keyof T)[];
  return Object.fromEntries(names.map((name) => [name, toFault(rows[name], name)])) as Record<keyof T, Fault>;
}

/** Everything that can be switched on, by name. */
export const FAULTS = { ...FAMILY_FAULTS, ...UPSTREAM_FAULTS, ...EDGE_FAULTS, ...REPLY_FAULTS };

export type FaultName = keyof typeof FAULTS;

/** A fault that is switched on, for all requests or only for some of them. */
export interface ActiveFault {
  name: FaultName;
  /** Only requests for this model id. */
  model?: string;
  /** Only requests to this path, e.g. `/v1/models`. */
  path?: string;
  /** Only streamed (true) or only plain (false) completions. */
  stream?: boolean;
  /** Only this many more times; it counts down. */
  times?: number;
}

/** Lets the first fault that is switched on at this point answer instead; without one, goes on. */
export function intercept(state: PoolerState, point: FaultPoint, call: Call, proceed: () => Answer): Answer {
  const active = state.faults.find((fault) => FAULTS[fault.name].point === point && applies(fault, call));
  if (!active) return proceed();
  if (active.times !== undefined) active.times -= 1;
  return (FAULTS[active.name] as Fault<Call>).answer(call, proceed);
}

function applies(fault: ActiveFault, call: Call): boolean {
  const { model, stream } = isObject(call.body) ? call.body : {};
  return (
    (fault.times === undefined || fault.times > 0) &&
    (fault.path === undefined || fault.path === call.path) &&
    (fault.model === undefined || fault.model === model) &&
    (fault.stream === undefined || fault.stream === (stream === true))
  );
}
