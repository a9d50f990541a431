import { readRunnable } from "../core/paths.ts";
import { inert } from "../core/report.ts";
import { wordsOf } from "../core/words.ts";
import type { AlertInput } from "../inputs/alert.ts";
import { startRunnable } from "../windmill/runnables.ts";
import { readSecret } from "../windmill/variables.ts";
import { type Windmill, WindmillError } from "../windmill/windmill.ts";
import type { Alert } from "./alert.ts";
import { type Delivery, postAlert } from "./webhook.ts";

/** Telling people, whoever is to be told. */

/** How telling people went: a target took it; none did, for certain; or nobody can say. */
export type TellingOutcome = "taken" | "refused" | "maybe";

/** What the outcomes at all targets add up to. */
export function outcomeOf(targets: readonly Delivery[]): TellingOutcome {
  if (targets.some(({ delivered }) => delivered)) return "taken";
  return targets.some(({ unsure }) => unsure) ? "maybe" : "refused";
}

/** Tells every target, side by side. It never throws: an alert that cannot be delivered must not fail the tick. */
export async function deliver(windmill: Windmill, targets: AlertInput, alert: Alert): Promise<Delivery[]> {
  const clean = windmill.secrets.clean(alert);
  const told = await Promise.all([tellWebhooks(windmill, targets, clean), tellRunnable(windmill, targets, clean)]);
  return told.flat();
}

async function tellWebhooks(
  windmill: Windmill,
  { alert_webhook_path: path, webhook_format }: AlertInput,
  alert: Alert,
): Promise<Delivery[]> {
  if (path === "") return [];
  try {
    const told = await postAlert((await readSecret(windmill, path)).secret, webhook_format ?? "auto", alert);
    return told.length > 0 ? told : [untold(path, "the variable is empty. Store the webhook's address in it.")];
  } catch (error) {
    return [untold(path, wordsOf(error))];
  }
}

/**
 * Starts the script or flow with `{ alert }` and does not wait for its end: on an instance with one worker it cannot begin before
 * this job is over. Whether it did its work shows in its own run.
 */
async function tellRunnable(windmill: Windmill, { alert_runnable }: AlertInput, alert: Alert): Promise<Delivery[]> {
  const runnable = readRunnable(alert_runnable);
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
