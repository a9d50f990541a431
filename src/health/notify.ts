import type { AlertOutcome } from "../core/report.ts";
import { wordsOf } from "../core/words.ts";
import { AlertInput } from "../inputs/alert.ts";
import { InputError, parseInputs } from "../inputs/parse.ts";
import { type Alert, composeAlert } from "../tell/alert.ts";
import { deliver, outcomeOf, type TellingOutcome } from "../tell/deliver.ts";
import type { News } from "../tell/news.ts";
import { say } from "../windmill/run.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { changeMemory } from "./memory.ts";
import { afterTelling } from "./news.ts";
import type { HealthReport } from "./report.ts";

/** The walk of `notify`. Nothing in it makes a tick fail. */

/** Tells what is due and notes in the memory that it was told; null when nothing is. */
export async function tellPeople(
  windmill: Windmill,
  { telling: { news, afterwards, announce }, findings, connection, health, checked_at }: HealthReport,
  inputs: object,
): Promise<AlertOutcome | null> {
  if (!announce || news === null) return null;
  const place = {
    workspace: windmill.workspace,
    run_url: windmill.runUrl,
    pages_url: windmill.pages_url,
    elsewhere: connection.default_elsewhere ?? null,
  };
  const at = health.checked_at ?? checked_at;
  const first = await tellOne(windmill, composeAlert(news, findings, place), { news, at }, inputs);
  // What comes after something that nobody took waits for it.
  if (afterwards === null || !first.delivered) return first;
  const second = await tellOne(windmill, composeAlert(afterwards, findings, place), { news: afterwards, at }, inputs);
  return { delivered: second.delivered, targets: [...first.targets, ...second.targets] };
}

async function tellOne(
  windmill: Windmill,
  alert: Alert,
  { news, at }: { news: News; at: string },
  inputs: object,
): Promise<AlertOutcome> {
  const targets = await tell(windmill, alert, inputs);
  const delivered = targets.some((one) => one.delivered);
  try {
    await noteTold(windmill, news, outcomeOf(targets), at);
    return { delivered, targets };
  } catch (error) {
    const problem = `It could not be noted that people were told, so they may be told again. ${wordsOf(error)}`;
    return { delivered, targets: [...targets, { target: "memory", delivered: false, problem }] };
  }
}

const noteTold = (windmill: Windmill, news: News, outcome: TellingOutcome, at: string): Promise<unknown> =>
  changeMemory(windmill, ({ state, history }) => ({
    store: state && { state: afterTelling(state, news, outcome, at), history },
    result: null,
  }));

/**
 * Tells every target, and says so in the log. Inputs that cannot be used are a target that was not told: the schedule's owner reads
 * it in the result.
 */
export async function tell(windmill: Windmill, alert: Parameters<typeof deliver>[2], inputs: object) {
  try {
    const told = await deliver(windmill, parseInputs(AlertInput, inputs), alert);
    for (const { target, delivered, problem } of told) say(windmill, `${target}: ${delivered ? "told" : problem}`);
    return told;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ target: "alerts", delivered: false, problem: error.message }];
  }
}
