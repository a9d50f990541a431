import type { AlertOutcome } from "../core/report.ts";
import { AlertInput } from "../inputs/alert.ts";
import { InputError, parseInputs } from "../inputs/parse.ts";
import { composeAlert } from "../tell/alert.ts";
import { deliver } from "../tell/deliver.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { changeState } from "./memory.ts";
import { afterTelling } from "./news.ts";
import type { HealthReport } from "./report.ts";

/** The walk of `notify`. Nothing in it makes a tick fail. */

/** Tells what is due and notes in the memory that it was told; null when nothing is. */
export async function tellPeople(
  windmill: Windmill,
  { telling: { news, announce }, findings }: HealthReport,
  inputs: object,
): Promise<AlertOutcome | null> {
  if (!announce || news === null) return null;
  const targets = await tell(windmill, composeAlert(news, findings, placeOf(windmill)), inputs);
  for (const { target, delivered, problem } of targets) console.log(`${target}: ${delivered ? "told" : problem}`);
  const delivered = targets.some((one) => one.delivered);
  try {
    await changeState(windmill, (state) => afterTelling(state, news, delivered));
    return { delivered, targets };
  } catch (error) {
    const problem = `It could not be noted that people were told, so they may be told again. ${wordsOf(error)}`;
    return { delivered, targets: [...targets, { target: "memory", delivered: false, problem }] };
  }
}

const placeOf = ({ workspace, runUrl }: Windmill) => ({ workspace, run_url: runUrl });

/** Inputs that cannot be used are a target that was not told: the schedule's owner reads it in the result. */
async function tell(windmill: Windmill, alert: Parameters<typeof deliver>[2], inputs: object) {
  try {
    return await deliver(windmill, parseInputs(AlertInput, inputs), alert);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ target: "alerts", delivered: false, problem: error.message }];
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
