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

/**
 * Sends the probes of a run.
 *
 * @param onDone called after each, with the share that is done (0 to 1).
 */
export async function sendProbes(
  windmill: Windmill,
  run: ProbeRun,
  onDone: (share: number) => void = () => undefined,
): Promise<Sent[]> {
  const shots = planProbes(run);
  const results: Sent[] = new Array(shots.length);
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < shots.length; index = next++) {
      results[index] = await shoot(windmill, run, shots[index] as Shot);
      onDone(++done / shots.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, shots.length) }, lane));
  return results;
}

async function shoot(windmill: Windmill, run: ProbeRun, { row, route, model }: Shot): Promise<Sent> {
  const maxTokens = model === null ? 0 : resolveMaxTokens(model, run.view.max_tokens_per_model);
  const { verdict, outcomes } = await askProbe(row, model, maxTokens, (request) =>
    sendThroughProxy(windmill, {
      ...request,
      route,
      ...(run.candidate === null ? {} : { resourcePath: run.candidate }),
      timeoutMs: TIMEOUT_MS[row.method],
    }),
  );
  const outcome = outcomes.at(-1) as Outcome;
  return {
    outcome,
    probe: {
      id: [route, row.kind, model, run.candidate === null ? null : "by-path"].filter((part) => part !== null).join(":"),
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
