import type { KnownFact } from "../diagnose/collapse.ts";
import { classify } from "../diagnose/match.ts";
import { MOST } from "../probe/crowd.ts";
import type { Sent } from "../probe/send.ts";

/** Requests for which a gateway had no place, perhaps because of the check that sent them. Pure. */

const codeOf = ({ probe, outcome, problem }: Sent): string => {
  const { route, kind, model } = probe;
  return classify({ outcome, route, kind, model, ...(problem ? { problem } : {}) }).code;
};

/** What a gateway says that has no place for a request, or has had too many of them. */
const NO_PLACE: ReadonlySet<string> = new Set(["gateway-overloaded", "rate-limited"]);

/** Whether a request was refused because too many were under way: it is worth asking again, by fewer. */
export const isBusy = (sent: Sent): boolean => !sent.probe.ok && NO_PLACE.has(codeOf(sent));

/** What the check itself has asked for, beside what was refused for want of a place in the end: people should know both. */
export function ownCrowd(sent: readonly Sent[]): KnownFact[] {
  const asked = sent.filter(({ probe }) => probe.kind !== "models" && probe.kind !== "usage").length;
  const refused = new Set(sent.filter((one) => !one.probe.stale && isBusy(one)).map(codeOf));
  return [...refused].map((code) => ({
    code,
    seen: `This check asked for ${asked} completions, ${MOST} at most at a time, and asked again more slowly what was refused.`,
  }));
}
