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
  /**
   * When everything must be over, on the clock of `performance.now()`; no limit when absent. A probe is sent only while its whole
   * time-out fits before that: one that was given less time would be called slow for what the check lacked.
   */
  until?: number;
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

/** What {@link sendProbes} tells and asks on the way. */
export interface SendingHooks {
  /** Called after each probe that is over, with the share that is done (0 to 1). */
  onDone?(share: number): void;
  /** Whether the gateway had no place for it; such a probe is asked again, see crowd.ts. */
  isBusy?(sent: Sent): boolean;
}

/** Sends the probes of a run, as far as its time allows: see {@link notAsked} for the rest. */
export async function sendProbes(windmill: Windmill, run: ProbeRun, hooks: SendingHooks = {}): Promise<Sent[]> {
  const shots = planProbes(run);
  let done = 0;
  const answers = await askInTurns<Sent>(shots.length, {
    ask: async (index) => {
      const shot = shots[index] as Shot;
      return fits(run, shot) ? shoot(windmill, run, shot) : null;
    },
    isBusy: (sent) => hooks.isBusy?.(sent) ?? false,
    onDone: () => hooks.onDone?.(++done / shots.length),
  });
  return answers.filter((one) => one !== null);
}

/** Sends one probe of a run; null where the run has no such probe, or no time for it. */
export async function sendOne(
  windmill: Windmill,
  run: ProbeRun,
  { kind, route, model }: Pick<Sent["probe"], "kind" | "route" | "model">,
): Promise<Sent | null> {
  const shot = planProbes({ ...run, only: [kind] }).find((one) => one.route === route && one.model === model);
  return shot && fits(run, shot) ? shoot(windmill, run, shot) : null;
}

const fits = ({ until }: ProbeRun, { row }: Shot): boolean =>
  until === undefined || performance.now() + TIMEOUT_MS[row.method] <= until;

/** What of the time is left for a request; a second one of the same probe may have less than its first. */
const timeoutOf = ({ until = Number.POSITIVE_INFINITY }: ProbeRun, { row }: Shot): number =>
  Math.max(1, Math.floor(Math.min(TIMEOUT_MS[row.method], until - performance.now())));

async function shoot(windmill: Windmill, run: ProbeRun, shot: Shot): Promise<Sent> {
  const { row, route, model } = shot;
  const maxTokens = model === null ? 0 : resolveMaxTokens(model, run.view.max_tokens_per_model, run.version);
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
      excerpt: verdict.ok ? "" : excerpt(seenOf({ outcome, problem: verdict.problem })),
      ...(verdict.ok && verdict.tokens !== undefined ? { tokens: verdict.tokens } : {}),
    },
    ...(verdict.ok ? {} : { problem: verdict.problem }),
    ...(verdict.ok && verdict.models ? { models: verdict.models } : {}),
  };
}
