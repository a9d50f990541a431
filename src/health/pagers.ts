import type { News } from "../tell/news.ts";
import { knownBy } from "./news.ts";
import { acknowledgementAt, windowAt } from "./silence.ts";
import { type HealthState, type Incident, LIMITS, type PagerRow } from "./state.ts";

/**
 * Services that keep an incident of their own for each of ours. People are told of turns; such a service is told how an incident stands,
 * again and again until it has taken it, so that its incident ends with ours whatever is lost on the way. Pure.
 */

/** Milliseconds for which an incident is said to be over, after that was first taken, to a service that takes repetitions (Alertmanager: "up to 5 minutes"). */
const OVER_REPEATED_MS = 15 * 60_000;

/** What is to be said of an incident to these targets. */
export interface PagerNews extends News {
  targets: string[];
}

/** How an incident stands, as such a service sees it. */
function standOf(incident: Incident, at: string): Pick<PagerRow, "kind" | "status"> {
  if (incident.end !== null) return { kind: "over", status: "healthy" };
  const kind = acknowledgementAt(incident, at) ? "acknowledged" : "open";
  return { kind, status: incident.current.status };
}

const KINDS = { open: "cause", acknowledged: "acknowledgement", over: "recovery" } as const;
/** How what is told to people leaves an incident at such a service. */
const LEFT_AS = {
  opening: "open",
  cause: "open",
  reminder: "open",
  acknowledgement: "acknowledged",
  recovery: "over",
} as const satisfies Record<News["kind"], PagerRow["kind"]>;

const incidentsOf = ({ incident, incidents }: HealthState): Incident[] =>
  incident ? [incident, ...incidents] : incidents;

/**
 * What services have to hear now: what they did not take, what has changed, and what must be repeated. In a maintenance only what stands is
 * repeated, as it was said last: otherwise it would be taken for over.
 */
export function pagersDue(state: HealthState, at: string): PagerNews[] {
  const quiet = windowAt(state.maintenance, at) !== null;
  return incidentsOf(state).flatMap((incident) => {
    const rows = state.pagers.filter((row) => row.incident === incident.id);
    const stand = standOf(incident, at);
    const changed = (row: PagerRow): boolean =>
      row.at === null || row.kind !== stand.kind || (row.kind !== "over" && row.status !== stand.status);
    const repeated = (row: PagerRow): boolean => row.repeats && !isPast(row, at);
    if (!quiet) {
      const targets = rows.filter((row) => changed(row) || repeated(row)).map(({ target }) => target);
      return targets.length === 0 ? [] : [newsOf(incident, stand, at, targets)];
    }
    const standing = rows.filter((row) => repeated(row) && row.at !== null && row.kind !== "over");
    const said = standing[0];
    return said === undefined
      ? []
      : [
          newsOf(
            incident,
            said,
            at,
            standing.map(({ target }) => target),
          ),
        ];
  });
}

function newsOf(
  incident: Incident,
  { kind, status }: Pick<PagerRow, "kind" | "status">,
  at: string,
  targets: string[],
): PagerNews {
  const { id, start, end, told, current } = incident;
  return {
    id: `${id}/${KINDS[kind]}/${status}`,
    kind: KINDS[kind],
    incident: id,
    code: kind === "over" ? "" : current.code,
    status,
    previous: told.status,
    since: start,
    at: kind === "over" ? (end ?? at) : at,
    acknowledged: knownBy(incident),
    targets,
  };
}

/** Whether nothing is to be repeated any more. */
const isPast = (row: PagerRow, at: string): boolean =>
  row.kind === "over" && row.at !== null && Date.parse(at) - Date.parse(row.at) > OVER_REPEATED_MS;

/** Targets that need no reminder: they know how the incident stands, and remind by themselves. */
export const informedPagers = (state: HealthState, incident: string): string[] =>
  state.pagers
    .filter((row) => row.incident === incident && row.at !== null && row.kind !== "over" && !row.repeats)
    .map(({ target }) => target);

/** How telling such a service went. */
export interface Paged {
  target: string;
  repeats: boolean;
  /** Whether it took it; before it is tried: false. */
  taken: boolean;
}

/** The memory after services were told, or are about to be: what they may have heard is known even if this run ends here. */
export function afterPaging(
  state: HealthState,
  news: Pick<News, "kind" | "incident" | "status">,
  paged: readonly Paged[],
  at: string,
): HealthState {
  const kind = LEFT_AS[news.kind];
  const rows = paged.map(({ target, repeats, taken }): PagerRow => {
    const before = state.pagers.find((row) => row.target === target && row.incident === news.incident);
    const same = before?.kind === kind && before.status === news.status;
    return {
      ...{ target, incident: news.incident, kind, status: news.status, repeats },
      at: taken ? (same && before.at !== null ? before.at : at) : null,
    };
  });
  const rest = state.pagers.filter(
    (row) => !rows.some(({ target, incident }) => row.target === target && row.incident === incident),
  );
  return { ...state, pagers: [...rows, ...rest].slice(0, LIMITS.pagers) };
}

/** The memory without rows that nothing is to be said of any more, and without those of targets that are gone. */
export function tidyPagers(
  state: HealthState,
  at: string,
  known: (target: string) => boolean = () => true,
): HealthState {
  const incidents = new Map(incidentsOf(state).map((one) => [one.id, one]));
  const pagers = state.pagers.filter((row) => {
    const incident = incidents.get(row.incident);
    const done = row.kind === "over" && row.at !== null && !row.repeats;
    return incident !== undefined && known(row.target) && !done && !isPast(row, at);
  });
  return { ...state, pagers };
}
