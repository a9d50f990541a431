import { nextCheck } from "../core/next_check.ts";
import { Severity, Status } from "../core/shapes.ts";
import type { History } from "../health/history.ts";
import { RANGES, type Range, tokensIn, uptime } from "../health/history_view.ts";
import { acknowledgementAt, windowAt } from "../health/silence.ts";
import { currentFindings, type HealthState } from "../health/state.ts";
import { exposition, type Family, type Sample } from "./exposition.ts";

/** What the memory of the health flow says, as metrics. Pure. */

/** Series per label at most, whatever a gateway lists. */
const MODELS = 200;

/** What is known; null before the first check was remembered. */
export interface Known {
  state: HealthState | null;
  history: History;
  /** Milliseconds since 1970. */
  now: number;
}

/** The metrics as text. */
export function metricsText({ state, history, now }: Known): string {
  const watched: Family = {
    name: "windmill_ai_watched",
    help: "Whether the health flow has remembered a check: 1 or 0. Without one there is nothing else to tell.",
    samples: [{ value: state?.last ? 1 : 0 }],
  };
  return exposition(state === null ? [watched] : [watched, ...families(state, history, now)]);
}

function families(state: HealthState, history: History, now: number): Family[] {
  const { last, incident, looks, features } = state;
  const models = state.models.slice(0, MODELS);
  const present = new Date(now).toISOString();
  return [
    {
      name: "windmill_ai_info",
      help: "The server that was checked, in a label; always 1.",
      samples: last ? [{ labels: { windmill_version: last.server_version }, value: 1 }] : [],
    },
    {
      name: "windmill_ai_up",
      help: "Whether people are served (healthy or degraded), as it counts after several checks in a row: 1 or 0; absent while it is unknown.",
      samples: state.status === "unknown" ? [] : [{ value: state.status === "down" ? 0 : 1 }],
    },
    {
      name: "windmill_ai_status",
      help: "The status that people go by, which changes after several checks in a row: 1 for the one that it is.",
      samples: oneOf(state.status),
    },
    {
      name: "windmill_ai_status_since_timestamp_seconds",
      help: "When the status began.",
      samples: [{ value: seconds(state.since) }],
    },
    {
      name: "windmill_ai_measured_status",
      help: "What the last check measured, which may not count yet: 1 for the one that it is.",
      samples: last ? oneOf(last.status) : [],
    },
    {
      name: "windmill_ai_last_check_timestamp_seconds",
      help: "When the last check was made: how old all of this is. Its age is time() minus this.",
      samples: last ? [{ value: seconds(last.at) }] : [],
    },
    {
      name: "windmill_ai_next_check_timestamp_seconds",
      help: "When the schedule runs next; absent when it is off or only Windmill knows.",
      samples: at(nextCheck(last?.connection?.schedule ?? null, now)),
    },
    {
      name: "windmill_ai_last_look_timestamp_seconds",
      help: "When each depth was measured last: free asks for the model list, chat asks the models, features what Windmill's AI features send.",
      samples: Object.entries(looks).flatMap(([depth, look]) =>
        look ? [{ labels: { depth }, value: seconds(look.at) }] : [],
      ),
    },
    {
      name: "windmill_ai_findings",
      help: "Open findings by severity.",
      samples: severities(state),
    },
    {
      name: "windmill_ai_finding",
      help: "An open finding by its code, with who can mend it; always 1. What each means: docs/diagnoses.md.",
      samples: currentFindings(state.open).map(({ code, severity, owner }) => ({
        labels: { code, severity, owner },
        value: 1,
      })),
    },
    {
      name: "windmill_ai_incident",
      help: "Whether an incident is open: 1 or 0.",
      samples: [{ value: incident ? 1 : 0 }],
    },
    {
      name: "windmill_ai_incident_start_timestamp_seconds",
      help: "When the open incident began; absent without one.",
      samples: at(incident?.start ?? null),
    },
    {
      name: "windmill_ai_incidents",
      help: "Incidents that began in a window of time up to now; the memory holds the last 50.",
      samples: windows((_range, ms) => {
        const all = [...(incident ? [incident] : []), ...state.incidents];
        return all.filter(({ start }) => Date.parse(start) > now - ms).length;
      }),
    },
    {
      name: "windmill_ai_silenced",
      help: "Whether nobody is told on purpose, by why: 1 or 0. acknowledgement: somebody has said that they know of the open incident; maintenance: a window that was planned.",
      samples: [
        { labels: { by: "acknowledgement" }, value: incident && acknowledgementAt(incident, present) ? 1 : 0 },
        { labels: { by: "maintenance" }, value: windowAt(state.maintenance, present) ? 1 : 0 },
      ],
    },
    {
      name: "windmill_ai_maintenance_next_timestamp_seconds",
      help: "When the next planned maintenance begins; absent when none is planned.",
      samples: at(state.maintenance.map(({ from }) => from).find((from) => from > present) ?? null),
    },
    {
      name: "windmill_ai_served_ratio",
      help: "Share of a window of time in which people were served, of what could be measured, with and without the time of maintenance: 0 to 1.",
      samples: [
        ...windows((range) => ratio(uptime(history, now, range).percent), { maintenance: "included" }),
        ...windows((range) => ratio(uptime(history, now, range).outside_maintenance), { maintenance: "excluded" }),
      ],
    },
    {
      name: "windmill_ai_check_tokens",
      help: "Tokens that the checks of a window of time have used, as the gateway counts them.",
      samples: windows((range) => tokensIn(history, now, range)),
    },
    {
      name: "windmill_ai_model_up",
      help: "Whether a model answered when it was asked last, by route: 1 or 0. server is the way of people's browsers, worker that of agent steps.",
      samples: models.flatMap(({ id, server, worker }) => [
        ...answered({ model: id, route: "server" }, server),
        ...answered({ model: id, route: "worker" }, worker),
      ]),
    },
    {
      name: "windmill_ai_model_answer_seconds",
      help: "How long a model's last answer over the server route took.",
      samples: models.flatMap(({ id, ms }) => (ms === null ? [] : [{ labels: { model: id }, value: ms / 1000 }])),
    },
    {
      name: "windmill_ai_model_asked_timestamp_seconds",
      help: "When a model was asked last.",
      samples: models.flatMap(({ id, asked_at }) =>
        asked_at === null ? [] : [{ labels: { model: id }, value: seconds(asked_at) }],
      ),
    },
    {
      name: "windmill_ai_model_listed",
      help: "Whether the gateway lists a model that the settings or the list name: 1 or 0.",
      samples: models.flatMap(({ id, served }) =>
        served === null ? [] : [{ labels: { model: id }, value: served ? 1 : 0 }],
      ),
    },
    {
      name: "windmill_ai_feature_up",
      help: "Whether an AI feature of Windmill worked when it was tried last: 1 or 0.",
      samples: features.flatMap(({ feature, state: result }) =>
        result === "not-tested" ? [] : [{ labels: { feature }, value: result === "works" ? 1 : 0 }],
      ),
    },
  ];
}

const seconds = (time: string): number => Date.parse(time) / 1000;
const at = (time: string | null): Sample[] => (time === null ? [] : [{ value: seconds(time) }]);

const oneOf = (status: Status): Sample[] =>
  Status.options.map((one) => ({ labels: { status: one }, value: one === status ? 1 : 0 }));

const answered = (labels: Record<string, string>, result: "ok" | "failed" | "not-tested"): Sample[] =>
  result === "not-tested" ? [] : [{ labels, value: result === "ok" ? 1 : 0 }];

function severities({ open }: HealthState): Sample[] {
  const findings = currentFindings(open);
  return Severity.options.map((severity) => ({
    labels: { severity },
    value: findings.filter((one) => one.severity === severity).length,
  }));
}

/** Ranges as Prometheus writes lengths of time. */
const WINDOWS: Record<Range, string> = { h24: "24h", d7: "7d", d30: "30d" };

/** A sample for each range of the history, by its length as Prometheus writes it. */
const windows = (of: (range: Range, ms: number) => number, labels: Sample["labels"] = {}): Sample[] =>
  (Object.keys(RANGES) as Range[]).map((range) => ({
    labels: { window: WINDOWS[range], ...labels },
    value: of(range, RANGES[range].hours * 3_600_000),
  }));

/** NaN, which is left out, where nothing was measured. */
const ratio = (percent: number | null): number => (percent === null ? Number.NaN : percent / 100);
