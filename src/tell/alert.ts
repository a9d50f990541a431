import { formLink, type Pages, repairLinks } from "../core/links.ts";
import { excerpt } from "../core/redact.ts";
import type { Finding, Owner, Status } from "../core/shapes.ts";
import { OWNERS, spares } from "../core/words.ts";
import type { News, Occasion } from "./news.ts";

/** Where it happened, and when somebody looks again. */
export interface Place extends Pages {
  /** Where the run that found it can be seen; "" when it is not known. */
  run_url: string;
  /** ISO 8601; when the next check is due; null where it is not known. */
  next_check: string | null;
  /** The default model where it is another provider's: then only the gateway's own models are spoken of. */
  elsewhere?: string | null;
}

/** An alert as machines get it; {@link file://./formats.ts} makes messages of it. Findings are redacted where they are made. */
export interface Alert extends Omit<News, "kind">, Omit<Place, "pages_url" | "elsewhere"> {
  /** `notice`: something that is told once and is no incident; `incident` is the notice's own id then. */
  kind: Occasion | "notice";
  /** Seconds from `since` to `at`. */
  duration_s: number;
  /** One line: what, where, for how long. */
  headline: string;
  /** What is wrong and the first thing to do, a line or two per finding; empty after a recovery. */
  lines: string[];
  findings: { code: string; title: string; owner: Owner; remedy: string[] }[];
  /** The repair's own form, where a script can repair something of it; "" otherwise. */
  repair_url: string;
  /** The form in which one says that one knows; "" after a recovery, and where Windmill's address is not known. */
  acknowledge_url: string;
  /** Headline, lines and the addresses of what can be done and of the run. */
  text: string;
}

/** What people get, as the verb of a sentence. */
type States = Record<Status, string>;

const HEADLINES: Record<Occasion, (states: States, lasted: string, news: News) => string> = {
  opening: (states, _lasted, { status }) => states[status],
  cause: (states, lasted, { status, previous }) =>
    previous === null || previous === status
      ? `still ${states[status]}, now for another reason (for ${lasted})`
      : `now ${states[status]}; before: ${states[previous]} (incident for ${lasted})`,
  reminder: (states, lasted, { status }) => `still ${states[status]} (for ${lasted})`,
  acknowledgement: (states, lasted, { status }) => `${states[status]}, and somebody knows (for ${lasted})`,
  recovery: (states, lasted) => `${states.healthy} again (after ${lasted})`,
};

const STATES: States = {
  healthy: "works",
  degraded: "works, with a problem",
  down: "does not work",
  unknown: "could not be checked",
};

/** Where the default model is another provider's, and goes another way. */
const GATEWAY_STATES: States = { ...STATES, healthy: "work", degraded: "have a problem", down: "do not work" };

/** Where it is the watch itself that fails: what people get is not known then. */
const WATCH_STATES: States = { ...STATES, unknown: "fails: nothing is known of it" };

/** The cause of news of the watch itself. */
export const WATCH_FAILED = "memory-failed";

function subjectOf({ code }: News, elsewhere: string | null): [subject: string, states: States] {
  if (code === WATCH_FAILED) return ["The health check of Windmill AI", WATCH_STATES];
  return elsewhere ? ["The gateway's models", GATEWAY_STATES] : ["Windmill AI", STATES];
}

/** Findings in the text of one alert; the run shows all of them. */
const SHOWN = 3;
/** Characters of a title or a remedy in the text: longer ones are read in the run. */
const LINE_LIMIT = 240;

/** Composes the alert for an occasion from what the check found. */
export function composeAlert(news: News, findings: readonly Finding[], place: Place): Alert {
  const { id, kind, incident, code, status, previous, since, at, repeated } = news;
  const { workspace, run_url, next_check, elsewhere = null } = place;
  const duration_s = Math.max(0, Math.round((Date.parse(at) - Date.parse(since)) / 1000));
  const [subject, states] = subjectOf(news, elsewhere);
  const headline = `${subject} in ${workspace} ${HEADLINES[kind](states, lasting(duration_s), news)}`;
  const telling = kind === "recovery" ? [] : findings.filter(({ severity }) => severity !== "info");
  const lines = telling.slice(0, SHOWN).flatMap(linesOf);
  const repair_url = repairLinks(place, telling)[0]?.url ?? "";
  const acknowledge_url =
    kind === "recovery" ? "" : (formLink(place, "silence", { what: "acknowledge", id: incident }) ?? "");
  if (telling.length > SHOWN) lines.push(`- and ${telling.length - SHOWN} more`);
  if (repeated) lines.push("Sent again: nobody said that it arrived.");
  if (kind !== "recovery" && spares(status, elsewhere) !== "") lines.push(spares(status, elsewhere));
  const acknowledged = news.acknowledged ?? null;
  if (acknowledged) lines.push(knownBy(acknowledged));
  return {
    id,
    kind,
    incident,
    code,
    status,
    previous,
    since,
    at,
    acknowledged,
    workspace,
    run_url,
    next_check,
    ...(repeated ? { repeated } : {}),
    duration_s,
    headline,
    lines,
    findings: telling.map(({ code, title, owner, remedy }) => ({ code, title, owner, remedy })),
    repair_url,
    acknowledge_url,
    text: [
      headline,
      ...lines,
      ...(repair_url === "" ? [] : [`Plan the repair: ${repair_url}`]),
      ...(acknowledge_url === "" ? [] : [`Acknowledge: ${acknowledge_url}`]),
      ...(run_url === "" ? [] : [run_url]),
    ].join("\n"),
  };
}

/** What is told once, as an alert. */
export function composeNotice(
  {
    id,
    at,
    title,
    lines,
    link,
  }: { id: string; at: string; title: string; lines: string[]; link: { label: string; url: string } | null },
  status: Status,
  { workspace, run_url, next_check }: Place,
): Alert {
  const headline = `Windmill AI in ${workspace}: ${short(title)}`;
  const all = [...lines.map(short), ...(link ? [`${link.label}: ${link.url}`] : [])];
  return {
    ...{
      id,
      kind: "notice",
      code: "",
      incident: id,
      status,
      previous: null,
      since: at,
      at,
      workspace,
      run_url,
      next_check,
      duration_s: 0,
    },
    ...{ headline, lines: all, findings: [], repair_url: "", acknowledge_url: "" },
    text: [headline, ...all, ...(run_url ? [run_url] : [])].join("\n"),
  };
}

/** Who knew, since when and why, as a line. */
const knownBy = ({ by, at, reason }: NonNullable<News["acknowledged"]>): string =>
  short(`Acknowledged by ${by} at ${at.slice(0, 16).replace("T", " ")} UTC${reason === "" ? "." : `: ${reason}`}`);

function linesOf({ title, owner, remedy, repairable }: Finding): string[] {
  // The shortest way first: an alert has room for one.
  const [step = ""] = repairable ? ["Run f/codex_pooler/repair."] : (remedy[0]?.split("\n") ?? []);
  const who = owner === "wait" ? "Nobody has to repair it. What helps" : `To be done by ${OWNERS[owner]}`;
  return [`- ${short(title)}`, ...(step === "" ? [] : [`  ${who}: ${short(step)}`])];
}

const short = (text: string): string => excerpt(text, { limit: LINE_LIMIT });

/** A length of time in its two largest units, e.g. `2 h 5 min`. */
export function lasting(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than a minute";
  const parts = [
    [Math.floor(minutes / 1440), "d"],
    [Math.floor(minutes / 60) % 24, "h"],
    [minutes % 60, "min"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}
