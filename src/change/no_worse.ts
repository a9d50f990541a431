import { type Finding, Layer } from "../core/shapes.ts";
import { rowOf } from "../table/table.ts";

/**
 * What may stay after a change. A connection that was down for a cause that the change does not touch is no reason to refuse the
 * change, or to put it back. Pure.
 */

export const critical = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ severity }) => severity === "critical");

/**
 * Findings as they are for those who use the gateway's models. While the default chat goes to another provider, nothing here stops
 * everybody, so what would is only a warning; a repair that brings the chat back has not caused it.
 *
 * @param elsewhere whose model answers chats instead of the gateway's; null when it is the gateway's.
 */
export const asItHurts = (findings: readonly Finding[], elsewhere: string | null): readonly Finding[] =>
  elsewhere === null
    ? findings
    : findings.map((one) => (one.severity === "warning" ? { ...one, severity: rowOf(one.code).severity } : one));

/** How far requests get: the first layer that stops them; beyond the last one when none does. */
const reach = (findings: readonly Finding[]): number =>
  Math.min(Layer.options.length, ...critical(findings).map(({ layer }) => Layer.options.indexOf(layer)));

/**
 * Whether what stops people is what stopped them before, untouched by the repair.
 *
 * @param mended codes that the repair was for.
 */
export const isSameTrouble = (
  before: readonly Finding[],
  after: readonly Finding[],
  mended: ReadonlySet<string>,
): boolean => {
  const known = new Set(critical(before).map(({ code }) => code));
  return critical(after).every(({ code }) => known.has(code) && !mended.has(code));
};

/** Whether requests get at least as far as before, and are not stopped by what the repair was for. */
export const isNoWorse = (
  before: readonly Finding[],
  after: readonly Finding[],
  mended: ReadonlySet<string>,
): boolean => reach(after) >= reach(before) && critical(after).every(({ code }) => !mended.has(code));

/** Whether every cause that stops requests lies behind a layer: then what is new in the layers up to it has worked. */
export const isPast = (findings: readonly Finding[], layer: Layer): boolean =>
  reach(findings) > Layer.options.indexOf(layer);

/**
 * What a run's own requests may bring about: the limit of a key that grants few requests per minute, or a small gateway. After a trial
 * that was answered it says nothing of the change.
 */
const OF_OWN_MAKING: ReadonlySet<string> = new Set(["key-limit-reached", "rate-limited", "gateway-overloaded"]);

/** Whether nothing stops people but what the run's own requests may have brought about. */
export const isOfOwnMaking = (findings: readonly Finding[]): boolean =>
  critical(findings).every(({ code }) => OF_OWN_MAKING.has(code));

/** Layers in which only a gateway can refuse: a refusal there proves that the address is right. */
const GATEWAY: ReadonlySet<Layer> = new Set<Layer>(["key", "key-policy", "quota", "model", "upstream"]);

/**
 * Whether a candidate may become the live resource: it gets no less far, and answers as a gateway. With the present address it may
 * also have the trouble that there was before: a gateway that is down keeps no key in the open.
 *
 * @param another whether it has another address than the present one.
 */
export const isProven = (
  before: readonly Finding[],
  candidate: readonly Finding[],
  mended: ReadonlySet<string>,
  another: boolean,
): boolean => {
  const stopping = critical(candidate);
  const same = !another && isSameTrouble(before, candidate, mended);
  return reach(candidate) >= reach(before) && (same || stopping.every(({ layer }) => GATEWAY.has(layer)));
};

/** What may be over in a moment, and proves nothing. */
const PASSING: ReadonlySet<string> = new Set([
  "timeout",
  "gateway-timeout",
  "connection-lost",
  "connection-timeout",
  "answer-broken",
  "stream-cut",
  "gateway-unreachable",
  "gateway-overloaded",
  "gateway-starting",
  "server-url-unreachable",
  "worker-url-unreachable",
  "windmill-front-error",
]);

/**
 * What made a trial fail and was not there a moment ago: it says nothing of the candidate, so the trial is worth another run. Empty
 * where nothing did.
 */
export function passingTrouble(before: readonly Finding[], candidate: readonly Finding[]): Finding[] {
  const known = new Set(before.map(({ code }) => code));
  return candidate.filter(({ code, severity }) => severity !== "info" && PASSING.has(code) && !known.has(code));
}
