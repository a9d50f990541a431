import type { CheckReport } from "../../src/core/report.ts";
import type { Status } from "../../src/core/shapes.ts";
import { emptyHistory, type History } from "../../src/health/history.ts";
import { keepTick } from "../../src/health/history_keep.ts";
import { depthOf, subjectsOf } from "../../src/health/open.ts";
import { type Cause, type HealthState, type Incident, newState } from "../../src/health/state.ts";

/** Memories that a health flow could have after a month, made without waiting for one. Times are milliseconds since 1970. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A time in which something was wrong, counted back from now. */
export interface Trouble {
  /** Milliseconds before now. */
  from: number;
  /** Milliseconds; undefined while it lasts. */
  length: number | undefined;
  status: Status;
  code: string;
  title: string;
}

/** What a month of this team's looked like. */
export const TROUBLES: readonly Trouble[] = [
  {
    ...{ from: 2 * DAY + 3 * HOUR, length: 130 * MINUTE, status: "down" },
    ...{ code: "private-address-server", title: "The Windmill server refuses the gateway's private address" },
  },
  {
    ...{ from: 9 * DAY + 7 * HOUR, length: 26 * HOUR, status: "degraded" },
    ...{ code: "slow", title: "Answers take longer than people wait" },
  },
  {
    ...{ from: 20 * DAY, length: 5 * HOUR, status: "down" },
    ...{ code: "quota-exhausted", title: "The pool has used up its quota" },
  },
];

/** No tick at all: Windmill was being moved. */
const SILENCE = { from: 15 * DAY, length: 6 * HOUR };

const TICK = 10 * MINUTE;
/** How long models take in ordinary times, in ms. */
const ANSWERS: Readonly<Record<string, number>> = { "gpt-5.5": 900, "gpt-6-luna": 1500, "gpt-6-terra": 420 };

const within = (ago: number, { from, length }: { from: number; length: number | undefined }): boolean =>
  ago <= from && (length === undefined || ago > from - length);

/** Numbers from 0 to 1 that look random and are the same every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const months = new Map<string, History>();

/** Thirty days of ticks, chats once an hour. Made once for each ten minutes and kind of trouble: it takes a while. */
export function monthOfTicks(now: number, troubles: readonly Trouble[] = TROUBLES): History {
  const name = JSON.stringify([Math.floor(now / TICK), troubles]);
  const known = months.get(name) ?? makeMonth(now, troubles);
  months.set(name, known);
  return structuredClone(known);
}

function makeMonth(now: number, troubles: readonly Trouble[]): History {
  const random = numbers(7);
  let history = emptyHistory();
  const first = Math.floor((now - 30 * DAY) / TICK) * TICK;
  for (let at = first; at <= now; at += TICK) {
    const ago = now - at;
    if (within(ago, SILENCE)) continue;
    const trouble = troubles.find((one) => within(ago, one));
    const chat = at % HOUR === 0;
    const slow = 1 + 0.6 * Math.sin((at / DAY) * 2 * Math.PI) ** 2 + (trouble?.status === "degraded" ? 2 : 0);
    const answers = Object.entries(ANSWERS).map(([model, ms]) => ({
      model,
      ms: Math.round(ms * slow * (0.7 + random() * 0.8)),
    }));
    history = keepTick(history, {
      at: new Date(at).toISOString(),
      status: trouble?.status ?? "healthy",
      depth: chat ? "chat" : "free",
      ms: 40,
      tokens: chat ? 54 : 0,
      answers: chat && trouble?.status !== "down" ? answers : [],
    });
  }
  return history;
}

/** An incident as the flow keeps it. */
export function incidentOf(now: number, { from, length, status, code, title }: Trouble): Incident {
  const at = (ms: number): string => new Date(ms).toISOString();
  const start = at(now - from);
  const end = length === undefined ? null : at(now - from + length);
  const cause: Cause = { status, code, title };
  const finding = { code, title, severity: status === "down" ? "critical" : "warning" } as const;
  return {
    id: `${start.slice(0, 19).replace(/[-:]/g, "")}Z`,
    start,
    opened: start,
    end,
    before: "healthy",
    worst: status,
    cause,
    current: { ...cause, since: start },
    findings: [{ ...finding, first: start, last: end ?? at(now) }],
    told: { at: start, opening: true, recovery: end !== null, status, causes: [`${status}/${code}`], count: 1 },
  };
}

/** The memory after a month, whose last tick found what `report` says. An open incident makes the status. */
export function memoryOf(now: number, report: CheckReport, open?: Trouble): HealthState {
  const at = (ago: number): string => new Date(now - ago).toISOString();
  const look = (ago: number, tokens: number) => ({ at: at(ago), tokens, fingerprint: "" });
  return {
    ...newState(open?.status ?? "healthy", at(open?.from ?? 2 * DAY)),
    last: {
      at: at(4 * MINUTE),
      status: open?.status ?? "healthy",
      depth: "free",
      fingerprint: "",
      by: "",
      run_url: "http://localhost/run/0194f8a2-1c3d-7e5f-8a9b-0c1d2e3f4a5b?workspace=team",
      connection: report.connection,
      server_version: report.server_version,
    },
    open: report.findings.map((finding) => ({
      finding: { ...finding, probes: subjectsOf(finding) },
      depth: depthOf(finding),
      first: at(open?.from ?? 4 * MINUTE),
      last: at(4 * MINUTE),
    })),
    looks: { free: look(4 * MINUTE, 0), chat: look(34 * MINUTE, 54), features: look(5 * HOUR, 912) },
    tried: { chat: at(34 * MINUTE), features: at(5 * HOUR) },
    models: report.models.map((row) => ({
      ...row,
      ms: row.server === "ok" ? (ANSWERS[row.id] ?? row.ms) : null,
      asked_at: at(34 * MINUTE),
    })),
    features: report.features.map((row) => ({ ...row, tried_at: at(5 * HOUR) })),
    incident: open ? incidentOf(now, open) : null,
    incidents: TROUBLES.map((trouble) => incidentOf(now, trouble)),
  };
}
