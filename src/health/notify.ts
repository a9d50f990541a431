import type { AlertOutcome } from "../core/report.ts";
import { AlertInput } from "../inputs/alert.ts";
import { InputError, parseInputs } from "../inputs/parse.ts";
import { type Alert, composeAlert, composeNotice } from "../tell/alert.ts";
import { deliver, outcomeOf, type TellingOutcome } from "../tell/deliver.ts";
import type { News } from "../tell/news.ts";
import { say } from "../windmill/run.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { changeMemory } from "./memory.ts";
import { afterTelling } from "./news.ts";
import { afterNotice } from "./notices.ts";
import type { HealthReport } from "./report.ts";
import type { HealthState, Notice } from "./state.ts";

/** The walk of `notify`. Nothing in it makes a tick fail. */

/** Tells what is due and notes in the memory that it was told; null when nothing is. */
export async function tellPeople(
  windmill: Windmill,
  {
    telling: { news, afterwards, announce, notices = [] },
    findings,
    connection,
    health,
    checked_at,
    status,
  }: HealthReport,
  inputs: object,
): Promise<AlertOutcome | null> {
  if (!announce) return null;
  const place = {
    workspace: windmill.workspace,
    run_url: windmill.runUrl,
    pages_url: windmill.pages_url,
    elsewhere: connection.default_elsewhere ?? null,
  };
  const at = health.checked_at ?? checked_at;
  const ofIncident = (due: News): Message => ({
    alert: composeAlert(due, findings, place),
    after: (state, outcome) => afterTelling(state, due, outcome, at),
  });
  const ofNotice = (notice: Notice): Message => ({
    alert: composeNotice(notice, status, place),
    after: (state, outcome) => afterNotice(state, notice.id, outcome !== "refused"),
  });
  const incidents = [news, afterwards].filter((one) => one !== null).map(ofIncident);
  const all = [...incidents, ...notices.map(ofNotice)];
  const targets: AlertOutcome["targets"] = [];
  let delivered = false;
  for (const message of all) {
    const told = await tellOne(windmill, message, inputs);
    targets.push(...told.targets);
    delivered = told.delivered;
    // What comes after something that nobody took waits for it.
    if (!delivered) break;
  }
  return all.length === 0 ? null : { delivered, targets };
}

/** An alert, and the memory after somebody has tried to tell it. */
interface Message {
  alert: Alert;
  after: (state: HealthState, outcome: TellingOutcome) => HealthState;
}

async function tellOne(windmill: Windmill, { alert, after }: Message, inputs: object): Promise<AlertOutcome> {
  const targets = await tell(windmill, alert, inputs);
  const delivered = targets.some((one) => one.delivered);
  try {
    await changeMemory(windmill, ({ state, history }) => ({
      store: state && { state: after(state, outcomeOf(targets)), history },
      result: null,
    }));
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
    for (const { target, delivered, problem } of told) say(windmill, `${target}: ${delivered ? "told" : problem}`);
    return told;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ target: "alerts", delivered: false, problem: error.message }];
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
