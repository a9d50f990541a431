import type { AlertOutcome } from "../core/report.ts";
import { AlertInput } from "../inputs/alert.ts";
import { InputError, parseInputs } from "../inputs/parse.ts";
import { type Alert, composeAlert } from "../tell/alert.ts";
import { deliver } from "../tell/deliver.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { changeState } from "./memory.ts";
import { afterTelling, type Due } from "./news.ts";
import type { HealthReport } from "./report.ts";

/** The walk of `notify`. Nothing in it makes a tick fail. */

/** Tells what is due and notes in the memory that it was told; null when nothing is. */
export async function tellPeople(
  windmill: Windmill,
  { telling: { news, afterwards, announce }, findings, connection }: HealthReport,
  inputs: object,
): Promise<AlertOutcome | null> {
  if (!announce || news === null) return null;
  const place = {
    workspace: windmill.workspace,
    run_url: windmill.runUrl,
    elsewhere: connection.default_elsewhere ?? null,
  };
  const first = await tellOne(windmill, composeAlert(news, findings, place), news, inputs);
  // What comes after something that nobody took waits for it.
  if (afterwards === null || !first.delivered) return first;
  const second = await tellOne(windmill, composeAlert(afterwards, findings, place), afterwards, inputs);
  return { delivered: second.delivered, targets: [...first.targets, ...second.targets] };
}

async function tellOne(windmill: Windmill, alert: Alert, news: Due, inputs: object): Promise<AlertOutcome> {
  const targets = await tell(windmill, alert, inputs);
  const delivered = targets.some((one) => one.delivered);
  try {
    await changeState(windmill, (state) => afterTelling(state, news, delivered));
    return { delivered, targets };
  } catch (error) {
    const problem = `It could not be noted that people were told, so they may be told again. ${wordsOf(error)}`;
    return { delivered, targets: [...targets, { target: "memory", delivered: false, problem }] };
  }
}

/**
 * Tells every target, and says so in the log. Inputs that cannot be used are a target that was not told: the schedule's owner reads
 * it in the result.
 */
export async function tell(windmill: Windmill, alert: Parameters<typeof deliver>[2], inputs: object) {
  try {
    const told = await deliver(windmill, parseInputs(AlertInput, inputs), alert);
    for (const { target, delivered, problem } of told) console.log(`${target}: ${delivered ? "told" : problem}`);
    return told;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ target: "alerts", delivered: false, problem: error.message }];
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
