import { type Runnable, readRunnable } from "../core/paths.ts";
import { inert } from "../core/report.ts";
import { wordsOf } from "../core/words.ts";
import type { AlertInput } from "../inputs/alert.ts";
import { startRunnable } from "../windmill/runnables.ts";
import { readSecret } from "../windmill/variables.ts";
import { type Windmill, WindmillError } from "../windmill/windmill.ts";
import type { Alert } from "./alert.ts";
import { hearingOf } from "./formats.ts";
import { readTargets, type Target } from "./targets.ts";
import { type Delivery, postAlert } from "./webhook.ts";

/** Telling people, whoever is to be told. */

/** How telling people went: a target took it; none did, for certain; or nobody can say. */
export type TellingOutcome = "taken" | "refused" | "maybe";

/** What the outcomes at all targets add up to. */
export function outcomeOf(targets: readonly Delivery[]): TellingOutcome {
  if (targets.some(({ delivered }) => delivered)) return "taken";
  return targets.some(({ unsure }) => unsure) ? "maybe" : "refused";
}

/** Who is to be told. */
export interface Recipients {
  webhooks: Target[];
  runnable: Runnable | null;
  /** What keeps somebody from being told at all. */
  problems: Delivery[];
}

/** Finds out who is to be told. It never throws. */
export async function recipientsOf(
  windmill: Windmill,
  { alert_webhook_path: path, webhook_format, alert_runnable }: AlertInput,
): Promise<Recipients> {
  const runnable = readRunnable(alert_runnable);
  if (path === "") return { webhooks: [], runnable, problems: [] };
  try {
    const { secret } = await readSecret(windmill, path);
    const webhooks = readTargets(secret, webhook_format ?? "auto");
    const empty = untold(path, "the variable is empty. Store the webhook's address in it.");
    return { webhooks, runnable, problems: webhooks.length === 0 ? [empty] : [] };
  } catch (error) {
    return { webhooks: [], runnable, problems: [untold(path, wordsOf(error))] };
  }
}

/** Those of the webhooks that keep incidents of their own: what they are called, and whether they take for over what is not repeated. */
export const pagersAmong = ({ webhooks }: Recipients): { target: string; repeats: boolean }[] =>
  webhooks.flatMap(({ name, service }) => {
    const hears = service && hearingOf(service);
    return hears ? [{ target: name, repeats: hears === "again" }] : [];
  });

/** Tells everybody, side by side. It never throws: an alert that cannot be delivered must not fail the tick. */
export async function deliver(windmill: Windmill, to: Recipients, alert: Alert): Promise<Delivery[]> {
  const clean = windmill.secrets.clean(alert);
  const told = await Promise.all([postAlert(to.webhooks, clean), tellRunnable(windmill, to, clean)]);
  return [...to.problems, ...told.flat()];
}

/** Tells some of the webhooks only. */
export const deliverTo = (
  windmill: Windmill,
  { webhooks }: Recipients,
  names: readonly string[],
  alert: Alert,
): Promise<Delivery[]> =>
  postAlert(
    webhooks.filter(({ name }) => names.includes(name)),
    windmill.secrets.clean(alert),
  );

/**
 * Starts the script or flow with `{ alert }` and does not wait for its end: on an instance with one worker it cannot begin before
 * this job is over. Whether it did its work shows in its own run.
 */
async function tellRunnable(windmill: Windmill, { runnable }: Recipients, alert: Alert): Promise<Delivery[]> {
  if (!runnable) return [];
  const target = `${runnable.kind} ${runnable.path}`;
  try {
    // Windmill would resolve a text of the gateway that begins with `$var:` in the arguments of the run.
    await startRunnable(windmill, runnable, { alert: inert(alert) });
    return [{ target, delivered: true, problem: "" }];
  } catch (error) {
    // Without an answer nobody knows whether it was started.
    const unsure = error instanceof WindmillError && (error.status === null || error.status >= 500);
    return [{ ...untold(target, `could not be started. ${wordsOf(error)}`), ...(unsure ? { unsure } : {}) }];
  }
}

const untold = (target: string, problem: string): Delivery => ({ target, delivered: false, problem });
