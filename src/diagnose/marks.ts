import type { Layer, Probe, Route } from "../core/shapes.ts";
import type { ProbedOutcome } from "../probe/probed.ts";
import { rowOf } from "../table/table.ts";
import { classify } from "./match.ts";

/**
 * Which connection an answer came over. Each process of Windmill keeps address and key for 60 s; a request that names the resource
 * (X-Resource-Path) passes that memory by. So where the two get different answers to the same question over the same route, the
 * process still uses what was there before. Pure.
 */

/** An answer, with what it held when it was a list of models. */
export interface Answered extends ProbedOutcome {
  models?: string[];
}

/** Layers in which a refusal need not have to do with the connection's address and key: it may pass by itself. */
const PASSING: ReadonlySet<Layer> = new Set<Layer>(["token", "upstream", "latency", "unrecognised"]);

/** The address that Windmill's HTTP client could not reach. */
const SENT_TO = /for url \((\S{1,2000}?)\)/;

/**
 * What an answer shows of the connection that it came over: the same text for two answers over the same one. Null where it shows
 * nothing: Windmill was not reached, or it failed for a reason that passes by itself. An address that swallows requests shows.
 */
export function markOf({ probe, outcome, problem, models }: Answered): string | null {
  if (outcome.failure?.kind === "timeout") return ["fails", "timeout", ""].join("\n");
  if (outcome.status === null || outcome.failure) return null;
  if (probe.ok) {
    const listed = (models ?? []).map((id) => id.trim().toLowerCase()).sort();
    return ["answers", outcome.sender ?? "", ...listed].join("\n");
  }
  const { route, kind, model } = probe;
  const { code } = classify({ outcome, route, kind, model, ...(problem ? { problem } : {}) });
  if (PASSING.has(rowOf(code).layer)) return null;
  return ["fails", code, SENT_TO.exec(outcome.body)?.[1] ?? ""].join("\n");
}

/** Whether two answers to the same question came over different connections; null where one of them does not tell. */
export function differs(a: Answered, b: Answered): boolean | null {
  const [one, other] = [markOf(a), markOf(b)];
  return one === null || other === null ? null : one !== other;
}

/** One question over one route: as users ask it, and by the resource's path. */
export interface Pair {
  live: Answered;
  direct: Answered;
}

/** The questions that were asked both ways. */
export const pairsOf = (sent: readonly Answered[]): Pair[] =>
  sent
    .filter(({ probe }) => !probe.candidate)
    .flatMap((live) => {
      const direct = sent.find(({ probe }) => probe.candidate && isSameQuestion(probe, live.probe));
      return direct ? [{ live, direct }] : [];
    });

const isSameQuestion = (a: Probe, b: Probe): boolean => a.kind === b.kind && a.route === b.route && a.model === b.model;

/** What asking both ways once more tells of a route whose answers differed. */
export type Verdict = "stale" | "just-switched" | "no-matter-of-age";

/**
 * Judges a route whose two answers differed, by two more. A gateway that answers now so and now otherwise is no matter of age.
 *
 * @param again the same question, asked both ways once more.
 */
export function judgeAge(first: Pair, again: Pair): Verdict {
  const [was, is] = [markOf(first.live), markOf(first.direct)];
  const [live, direct] = [markOf(again.live), markOf(again.direct)];
  if (direct !== is) return "no-matter-of-age";
  if (live === is) return "just-switched";
  return live === was ? "stale" : "no-matter-of-age";
}

/** The first refusal over a route that only another key or address would explain, and that costs one question to look into. */
export const firstRefusal = (sent: readonly Answered[], route: Route, main: string | null): Answered | undefined => {
  const refused = sent.filter(
    (one) =>
      one.probe.kind === "chat" &&
      one.probe.route === route &&
      !one.probe.candidate &&
      !one.probe.ok &&
      markOf(one) !== null,
  );
  return refused.find(({ probe }) => probe.model === main) ?? refused[0];
};

/** How a side of a pair answered, in words: a list of models, or the diagnosis of its refusal. */
export function answerInWords(one: Answered): string {
  if (one.probe.ok) return one.models ? `lists ${one.models.slice(0, 8).join(", ") || "nothing"}` : "answers";
  const mark = markOf(one)?.split("\n")[1];
  return `is refused (${mark ?? "no diagnosis"})`;
}
