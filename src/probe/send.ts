import { excerpt } from "../core/redact.ts";
import { Depth, type Outcome, type ProbeKind, type Route } from "../core/shapes.ts";
import type { SettingsView } from "../observe/ai_settings.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { askProbe, FEATURE_PROBES, type FeatureProbe, probeModels, resolveMaxTokens } from "./feature_probes.ts";
import type { ProbedOutcome } from "./probed.ts";
import { sendThroughProxy } from "./proxy.ts";

/** Sends probes: one request each (two where an answer calls for a second one), all side by side, none repeated. */

/** What to ask. */
export interface ProbeRun {
  depth: Depth;
  /** The settings that say which models there are, which feature uses which, and how many tokens Windmill asks for. */
  view: SettingsView;
  /** Names a resource, bypassing Windmill's cache; null asks as users do. */
  candidate: string | null;
  /** Only probes of these kinds; all that the depth allows when absent. */
  only?: readonly ProbeKind[];
  /**
   * When everything must be over, on the clock of `performance.now()`; no limit when absent. A probe is sent only while its whole
   * time-out fits before that: one that was given less time would be called slow for what the check lacked.
   */
  until?: number;
}

/** Milliseconds per request. A gateway may think for a minute before the first byte of a collected answer. */
const TIMEOUT_MS: Record<FeatureProbe["method"], number> = { GET: 20_000, POST: 90_000 };

/**
 * Requests under way at a time. Codex Pooler runs 24 completions at once and queues 96 more (facts on Codex Pooler, section 4);
 * a check must leave room for people.
 */
const PARALLEL = 48;

/** A probe that was sent, with its answer. */
export interface Sent extends ProbedOutcome {
  /** Ids of a model list. */
  models?: string[];
}

/** One probe to send. */
interface Shot {
  row: FeatureProbe;
  route: Route;
  model: string | null;
}

/** The probes of a run: every row that the depth allows, over its routes, for each model that it is about. */
export function planProbes(run: ProbeRun): Shot[] {
  const allowed = Depth.options.slice(0, Depth.options.indexOf(run.depth) + 1);
  const wanted = FEATURE_PROBES.filter(
    ({ depth, kind }) => allowed.includes(depth) && (run.only === undefined || run.only.includes(kind)),
  );
  return wanted.flatMap((row) =>
    row.routes.flatMap((route) => probeModels(row, run.view).map((model) => ({ row, route, model }))),
  );
}

/** Ids of the probes of a run that were not sent: there was no time left for them. */
export function notAsked(run: ProbeRun, sent: readonly Sent[]): string[] {
  const ids = new Set(sent.map(({ probe }) => probe.id));
  return planProbes(run)
    .map((shot) => idOf(run, shot))
    .filter((id) => !ids.has(id));
}

/** What a probe is called in a report. */
const idOf = ({ candidate }: ProbeRun, { route, row, model }: Shot): string =>
  [route, row.kind, model, candidate === null ? null : "by-path"].filter((part) => part !== null).join(":");

/**
 * Sends the probes of a run, as far as its time allows: see {@link notAsked} for the rest.
 *
 * @param onDone called after each, with the share that is done (0 to 1).
 */
export async function sendProbes(
  windmill: Windmill,
  run: ProbeRun,
  onDone: (share: number) => void = () => undefined,
): Promise<Sent[]> {
  const shots = planProbes(run);
  const results: (Sent | null)[] = new Array(shots.length).fill(null);
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < shots.length; index = next++) {
      const shot = shots[index] as Shot;
      if (fits(run, shot)) results[index] = await shoot(windmill, run, shot);
      onDone(++done / shots.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, shots.length) }, lane));
  return results.filter((one) => one !== null);
}

const fits = ({ until }: ProbeRun, { row }: Shot): boolean =>
  until === undefined || performance.now() + TIMEOUT_MS[row.method] <= until;

/** What of the time is left for a request; a second one of the same probe may have less than its first. */
const timeoutOf = ({ until = Number.POSITIVE_INFINITY }: ProbeRun, { row }: Shot): number =>
  Math.max(1, Math.floor(Math.min(TIMEOUT_MS[row.method], until - performance.now())));

async function shoot(windmill: Windmill, run: ProbeRun, shot: Shot): Promise<Sent> {
  const { row, route, model } = shot;
  const maxTokens = model === null ? 0 : resolveMaxTokens(model, run.view.max_tokens_per_model);
  const { verdict, outcomes } = await askProbe(row, model, maxTokens, (request) =>
    sendThroughProxy(windmill, {
      ...request,
      route,
      ...(run.candidate === null ? {} : { resourcePath: run.candidate }),
      timeoutMs: timeoutOf(run, shot),
    }),
  );
  const outcome = outcomes.at(-1) as Outcome;
  return {
    outcome,
    probe: {
      id: idOf(run, shot),
      kind: row.kind,
      route,
      model,
      candidate: run.candidate !== null,
      ok: verdict.ok,
      status: outcome.status,
      ms: outcomes.reduce((sum, { ms }) => sum + ms, 0),
      ...(outcome.first_byte_ms === undefined ? {} : { first_byte_ms: outcome.first_byte_ms }),
      ...(outcome.request_id === undefined ? {} : { request_id: excerpt(outcome.request_id) }),
      code: null,
      excerpt: verdict.ok ? "" : excerpt(outcome.failure ? outcome.failure.message : outcome.body),
      ...(verdict.ok && verdict.tokens !== undefined ? { tokens: verdict.tokens } : {}),
    },
    ...(verdict.ok ? {} : { problem: verdict.problem }),
    ...(verdict.ok && verdict.models ? { models: verdict.models } : {}),
  };
}
