import { CERTIFICATE_WARNING_DAYS, type Certificate, daysLeft, tlsHost } from "../core/certificate.ts";
import { type LimitUse, limitWords } from "../core/limit_use.ts";
import type { Finding, ModelRow, Status } from "../core/shapes.ts";
import { certificateFinding } from "../diagnose/certificate.ts";
import { type Evidence, finding } from "../diagnose/wording.ts";
import { type Forecast, forecastOf } from "./forecast.ts";
import type { History } from "./history.ts";
import { keepLimits, type LimitSeries } from "./limit_history.ts";
import { hasLeft, takeList } from "./listed.ts";
import { hurts } from "./open.ts";
import { slowerModels } from "./slower.ts";

/** What the memory foresees: findings of what has not broken yet, and models that are new. Pure. */

/** What a check saw, as far as it says something of what comes. */
export interface Seen {
  /** ISO 8601. */
  at: string;
  /** The gateway's address; null when it is not known. */
  base_url: string | null;
  limits?: readonly LimitUse[] | undefined;
  certificate?: Certificate | undefined;
  models: readonly ModelRow[];
  findings: readonly Finding[];
}

export interface Ahead {
  /** The history with what was seen in it. */
  history: History;
  /** The check's findings, with what is foreseen. */
  findings: Finding[];
  /** Ids that the gateway lists now and did not in the last thirty days. */
  fresh: string[];
}

/**
 * @param known models with their last answers, which an earlier check may have got.
 */
export function lookAhead(history: History, seen: Seen, known: readonly ModelRow[]): Ahead {
  const now = Date.parse(seen.at);
  const listing = seen.models.filter(({ served }) => served === true).map(({ id }) => id);
  const served = seen.models.some((model) => model.served !== null) ? listing : null;
  const { listed, fresh } = takeList(history.listed, served, seen.base_url, now);
  const limits = keepLimits(history.limits ?? [], seen.limits ?? [], seen.at).map((series) =>
    withForecast(series, now),
  );
  const certificate = seen.certificate ?? history.certificate;
  const kept: History = { ...history, limits, ...(listed ? { listed } : {}), ...(certificate ? { certificate } : {}) };
  if (!listed) delete kept.listed;
  const leaving = served === null ? [] : leavingModels(seen, known, (id) => hasLeft(history.listed, id, served));
  return {
    history: kept,
    findings: [
      ...replaced(seen.findings, leaving, served),
      ...limitFindings(limits, now),
      ...certificateFindings(certificate, seen.base_url, now),
      ...slowerModels(kept, now).map(({ model, lately, before }) =>
        finding("slower-than-it-was", [{ model, text: `${lately} ms, before: ${before} ms` }], {
          values: { lately: seconds(lately), before: seconds(before) },
        }),
      ),
    ],
    fresh,
  };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const withForecast = (series: LimitSeries, now: number): LimitSeries => ({
  ...series,
  foreseen: forecastOf(series, now, series.foreseen === true) !== null,
});

const CODES = { key: "key-limit-foreseen", pool: "quota-foreseen" } as const;

/** One finding for the key's limits and one for the pool's: the first that will be reached, with the others as evidence. */
function limitFindings(limits: readonly LimitSeries[], now: number): Finding[] {
  const ahead = limits
    .flatMap((series) => {
      const forecast = forecastOf(series, now, series.foreseen === true);
      return forecast ? [{ series, forecast }] : [];
    })
    .sort((a, b) => (a.forecast.reached_at < b.forecast.reached_at ? -1 : 1));
  return (["key", "pool"] as const).flatMap((whose) => {
    const mine = ahead.filter(({ series }) => series.whose === whose);
    const [first] = mine;
    if (!first) return [];
    const evidence: Evidence[] = mine.map(({ series, forecast }) => ({
      text: `${limitWords(series)}: ${figure(forecast.used)} of ${figure(forecast.max)} used, reached about ${hourOf(forecast.reached_at)}`,
    }));
    return [finding(CODES[whose], evidence, { values: wordsOf(first.series, first.forecast) })];
  });
}

const SURENESS = {
  likely: "Both say the same, so it is likely.",
  possible: "Only the last hours say so, without a break: it is possible, and over if that ends.",
} as const;

function wordsOf(series: LimitSeries, forecast: Forecast): Record<string, string> {
  const { h24, d7 } = forecast.at_pace_of;
  const paces = [
    ...(h24 === null
      ? []
      : [`at the pace of the last ${forecast.sure === "likely" ? "24 hours" : "16 hours"} about ${hourOf(h24)}`]),
    ...(d7 === null ? [] : [`at that of the last 7 days about ${hourOf(d7)}`]),
  ];
  const share = Math.floor((forecast.used / forecast.max) * 100);
  return {
    limit: limitWords(series),
    when: hourOf(forecast.reached_at),
    pace: `${share} % is used; it is reached ${paces.join(", ")}.`,
    anew:
      forecast.reset_at === null
        ? "It counts what was used lately, so it never begins anew at once."
        : `It begins anew ${hourOf(forecast.reset_at)}.`,
    needs: figure(forecast.needs),
    sureness: SURENESS[forecast.sure],
  };
}

/** `2026-11-24 14:00 UTC`, to the hour: a forecast is no more exact. */
const hourOf = (at: string): string =>
  `${new Date(Math.round(Date.parse(at) / 3_600_000) * 3_600_000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** A figure with three digits that count. */
const figure = (value: number): string => Number(value.toPrecision(3)).toLocaleString("en-US");

/** Of the host that is in use now only. */
function certificateFindings(certificate: Certificate | undefined, base_url: string | null, now: number): Finding[] {
  if (!certificate || certificate.host !== tlsHost(base_url)?.shown) return [];
  const days = daysLeft(certificate, now);
  return days >= 0 && days < CERTIFICATE_WARNING_DAYS ? [certificateFinding(certificate, days)] : [];
}

/** Enabled models that left the list and answered when they were asked last. */
function leavingModels({ models }: Seen, known: readonly ModelRow[], left: (id: string) => boolean): string[] {
  const answers = ({ id, server }: ModelRow): boolean =>
    server === "ok" || (server === "not-tested" && known.some((one) => one.id === id && one.server === "ok"));
  return models
    .filter((model) => model.configured && model.served === false && answers(model) && left(model.id))
    .map(({ id }) => id);
}

/** Codes by which a check says that a model which answers is not listed. */
const UNLISTED: readonly string[] = ["model-not-served", "model-unlisted"];

/** What the check says itself is said once, in the more exact words of the memory. */
function replaced(
  findings: readonly Finding[],
  leaving: readonly string[],
  served: readonly string[] | null,
): Finding[] {
  const said = findings.filter(
    ({ code, severity, evidence }) =>
      code !== "certificate-ends-soon" &&
      !(
        UNLISTED.includes(code) &&
        severity !== "critical" &&
        evidence.every(({ model }) => leaving.includes(model ?? ""))
      ),
  );
  if (leaving.length === 0) return said;
  const evidence = leaving.map((model) => ({ model, text: "not listed, and answered" }));
  return [...said, finding("model-leaving", evidence, { served })];
}

/** The tick with what is foreseen: what will hurt makes of a status in which all is well one that has a problem. */
export const foreseeing = <T extends { findings: readonly Finding[]; status: Status }>(
  tick: T,
  findings: readonly Finding[],
): T => ({
  ...tick,
  findings,
  status: tick.status === "healthy" && findings.some(hurts) ? "degraded" : tick.status,
});
