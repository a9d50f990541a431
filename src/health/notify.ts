import type { AlertOutcome } from "../core/report.ts";
import { wordsOf } from "../core/words.ts";
import { AlertInput } from "../inputs/alert.ts";
import { InputError, parseInputs } from "../inputs/parse.ts";
import { type Alert, composeAlert, composeNotice, type Place } from "../tell/alert.ts";
import { deliver, deliverTo, outcomeOf, pagersAmong, type Recipients, recipientsOf } from "../tell/deliver.ts";
import type { News } from "../tell/news.ts";
import { say } from "../windmill/run.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { editState } from "./memory.ts";
import { afterTelling } from "./news.ts";
import { afterNotice } from "./notices.ts";
import { afterPaging, type Paged, type PagerNews, tidyPagers } from "./pagers.ts";
import type { HealthReport } from "./report.ts";
import type { Notice } from "./state.ts";

/** The walk of `notify`. Nothing in it makes a tick fail. */

type Delivery = AlertOutcome["targets"][number];

/** Tells what is due and notes in the memory that it was told; null when nothing is. */
export async function tellPeople(
  windmill: Windmill,
  health: HealthReport,
  inputs: object,
): Promise<AlertOutcome | null> {
  const { telling, findings } = health;
  const { news, afterwards, announce, pagers, notices = [] } = telling;
  const telling_now = announce && (news !== null || notices.length > 0);
  if (!telling_now && pagers.length === 0) return null;
  const to = await recipients(windmill, inputs);
  const place = placeOf(windmill, health);
  const compose = (one: News): Alert => composeAlert(one, findings, place);
  const at = health.health.checked_at ?? health.checked_at;
  const outcomes: AlertOutcome[] = [];
  if (announce && news !== null) {
    outcomes.push(await tellOne(windmill, to, compose(news), { news, at }, telling.informed));
    // What comes after something that nobody took waits for it.
    if (afterwards !== null && outcomes[0]?.delivered) {
      outcomes.push(await tellOne(windmill, to, compose(afterwards), { news: afterwards, at }, []));
    }
  }
  const told = new Set(announce ? [news?.incident, outcomes.length > 1 ? afterwards?.incident : undefined] : []);
  for (const one of pagers.filter(({ incident }) => !told.has(incident))) {
    outcomes.push(await page(windmill, to, compose(one), { news: one, at }));
  }
  for (const notice of announce ? notices : []) {
    outcomes.push(await tellNotice(windmill, to, notice, composeNotice(notice, health.status, place)));
  }
  return {
    // Whether people were told: a service that is kept up to date besides says nothing of that.
    delivered: announce
      ? outcomes.slice(0, afterwards ? 2 : 1).every((one) => one.delivered)
      : outcomes.every((one) => one.delivered),
    targets: outcomes.flatMap(({ targets }) => targets),
  };
}

const placeOf = ({ workspace, runUrl, pages_url }: Windmill, { health, connection }: HealthReport): Place => ({
  workspace,
  run_url: runUrl,
  pages_url,
  next_check: health.next_check,
  elsewhere: connection.default_elsewhere ?? null,
});

/** Tells everybody of one thing. @param informed targets that need not be reminded. */
async function tellOne(
  windmill: Windmill,
  to: Recipients,
  alert: Alert,
  { news, at }: { news: News; at: string },
  informed: readonly string[],
): Promise<AlertOutcome> {
  const spared = (name: string): boolean => news.kind === "reminder" && informed.includes(name);
  const others = { ...to, webhooks: to.webhooks.filter(({ name }) => !spared(name)) };
  const pagers = pagersAmong(others);
  // If this run ends before it can say how telling went, what they may have heard is known.
  if (pagers.length > 0) await noted(windmill, (state) => afterPaging(state, news, untaken(pagers), at));
  const targets = await deliver(windmill, others, alert);
  sayAll(windmill, targets);
  const outcome = to.webhooks.length > others.webhooks.length ? "taken" : outcomeOf(targets);
  const problem = await noted(windmill, (state) => {
    const paged = afterPaging(state, news, pagedBy(pagers, targets), at);
    const known = to.problems.length > 0 ? () => true : (name: string) => to.webhooks.some((one) => one.name === name);
    return afterTelling(tidyPagers(paged, at, known), news, outcome, at);
  });
  return { delivered: outcome === "taken", targets: [...targets, ...problem] };
}

/** Tells once what is no incident: nobody is paged for it. */
async function tellNotice(windmill: Windmill, to: Recipients, { id }: Notice, alert: Alert): Promise<AlertOutcome> {
  const pagers = new Set(pagersAmong(to).map(({ target }) => target));
  const others = { ...to, webhooks: to.webhooks.filter(({ name }) => !pagers.has(name)) };
  const targets = await deliver(windmill, others, alert);
  sayAll(windmill, targets);
  const outcome = outcomeOf(targets);
  const problem = await noted(windmill, (state) => afterNotice(state, id, outcome !== "refused"));
  return { delivered: outcome === "taken", targets: [...targets, ...problem] };
}

/** Says to some services how an incident stands. */
async function page(
  windmill: Windmill,
  to: Recipients,
  alert: Alert,
  { news, at }: { news: PagerNews; at: string },
): Promise<AlertOutcome> {
  const pagers = pagersAmong(to).filter(({ target }) => news.targets.includes(target));
  const targets = [...to.problems, ...(await deliverTo(windmill, to, news.targets, alert))];
  sayAll(windmill, targets);
  const gone = (name: string): boolean => to.problems.length === 0 && !to.webhooks.some((one) => one.name === name);
  const problem = await noted(windmill, (state) =>
    tidyPagers(afterPaging(state, news, pagedBy(pagers, targets), at), at, (name) => !gone(name)),
  );
  return { delivered: targets.every((one) => one.delivered), targets: [...targets, ...problem] };
}

type Pagers = ReturnType<typeof pagersAmong>;
const untaken = (pagers: Pagers): Paged[] => pagers.map((one) => ({ ...one, taken: false }));
const pagedBy = (pagers: Pagers, told: readonly Delivery[]): Paged[] =>
  pagers.map((one) => ({ ...one, taken: told.some(({ target, delivered }) => target === one.target && delivered) }));

/** Changes the memory; where that fails, what people should know of it. */
async function noted(windmill: Windmill, change: Parameters<typeof editState>[1]): Promise<Delivery[]> {
  try {
    await editState(windmill, change);
    return [];
  } catch (error) {
    const problem = `It could not be noted that people were told, so they may be told again. ${wordsOf(error)}`;
    return [{ target: "memory", delivered: false, problem }];
  }
}

function sayAll(windmill: Windmill, told: readonly Delivery[]): void {
  for (const { target, delivered, problem } of told) say(windmill, `${target}: ${delivered ? "told" : problem}`);
}

/** Tells every target, and says so in the log. */
export async function tell(windmill: Windmill, alert: Alert, inputs: object): Promise<Delivery[]> {
  const told = await deliver(windmill, await recipients(windmill, inputs), alert);
  sayAll(windmill, told);
  return told;
}

/** Inputs that cannot be used are a target that was not told: the schedule's owner reads it in the result. */
async function recipients(windmill: Windmill, inputs: object): Promise<Recipients> {
  try {
    return await recipientsOf(windmill, parseInputs(AlertInput, inputs));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { webhooks: [], runnable: null, problems: [{ target: "alerts", delivered: false, problem: error.message }] };
  }
}
