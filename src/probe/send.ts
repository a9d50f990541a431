import { excerpt } from "../core/redact.ts";
import { Depth, type Outcome, type ProbeKind, type Route } from "../core/shapes.ts";
import { chosenModels, type SettingsView } from "../observe/ai_settings.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { askInTurns } from "./crowd.ts";
import { askProbe, FEATURE_PROBES, type FeatureProbe, probeModels } from "./feature_probes.ts";
import { resolveMaxTokens } from "./max_tokens.ts";
import { type ProbedOutcome, seenOf } from "./probed.ts";
import { sendThroughProxy } from "./proxy.ts";

/**
 * Sends probes: one request each (two where an answer calls for a second one), some side by side. Only what found no place at the
 * gateway is asked again.
 */

/** What to ask. */
export interface ProbeRun {
  depth: Depth;
  /** The settings that say which models there are, which feature uses which, and how many tokens Windmill asks for. */
  view: SettingsView;
  /** Windmill's own version as it says it, which decides how many tokens it asks for; the newest when absent. */
  version?: string;
  /** Names a resource, bypassing Windmill's cache; null asks as users do. */
  candidate: string | null;
  /** Only probes of these kinds; all that the depth allows when absent. */
  only?: readonly ProbeKind[];
}

/** Milliseconds per request. A gateway may think for a minute before the first byte of a collected answer. */
const TIMEOUT_MS: Record<FeatureProbe["method"], number> = { GET: 20_000, POST: 90_000 };

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

/** The probes of a run: every row that the depth allows, over its routes, for each model that it is about; what matters most first. */
export function planProbes(run: ProbeRun): Shot[] {
  const allowed = Depth.options.slice(0, Depth.options.indexOf(run.depth) + 1);
  const wanted = FEATURE_PROBES.filter(
    ({ depth, kind }) => allowed.includes(depth) && (run.only === undefined || run.only.includes(kind)),
  );
  const shots = wanted.flatMap((row) =>
    row.routes.flatMap((route) => probeModels(row, run.view).map((model) => ({ row, route, model }))),
  );
  const chosen = chosenModels(run.view);
  const isFirst = ({ model }: Shot): boolean => model === null || chosen.includes(model);
  return [...shots.filter(isFirst), ...shots.filter((shot) => !isFirst(shot))];
}

/** What {@link sendProbes} tells and asks on the way. */
export interface SendingHooks {
  /** Called after each probe that is over, with the share that is done (0 to 1). */
  onDone?(share: number): void;
  /** Whether the gateway had no place for it; such a probe is asked again, see crowd.ts. */
  isBusy?(sent: Sent): boolean;
}

/** Sends the probes of a run. */
export async function sendProbes(windmill: Windmill, run: ProbeRun, hooks: SendingHooks = {}): Promise<Sent[]> {
  const shots = planProbes(run);
  let done = 0;
  return askInTurns(shots.length, {
    ask: (index) => shoot(windmill, run, shots[index] as Shot),
    isBusy: (sent) => hooks.isBusy?.(sent) ?? false,
    onDone: () => hooks.onDone?.(++done / shots.length),
  });
}

/** Sends one probe of a run; null where the run has no such probe. */
export async function sendOne(
  windmill: Windmill,
  run: ProbeRun,
  { kind, route, model }: Pick<Sent["probe"], "kind" | "route" | "model">,
): Promise<Sent | null> {
  const shot = planProbes({ ...run, only: [kind] }).find((one) => one.route === route && one.model === model);
  return shot ? shoot(windmill, run, shot) : null;
}

async function shoot(windmill: Windmill, run: ProbeRun, { row, route, model }: Shot): Promise<Sent> {
  const maxTokens = model === null ? 0 : resolveMaxTokens(model, run.view.max_tokens_per_model, run.version);
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
      excerpt: verdict.ok ? "" : excerpt(seenOf({ outcome, problem: verdict.problem })),
      ...(verdict.ok && verdict.tokens !== undefined ? { tokens: verdict.tokens } : {}),
    },
    ...(verdict.ok ? {} : { problem: verdict.problem }),
    ...(verdict.ok && verdict.models ? { models: verdict.models } : {}),
  };
}
