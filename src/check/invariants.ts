import type { ChangeView } from "../core/change_view.ts";
import type { FeatureRow } from "../core/features.ts";
import type { Finding, Probe, Status } from "../core/shapes.ts";
import type { Answered } from "../diagnose/marks.ts";
import { configuredModels } from "../observe/ai_settings.ts";
import { among } from "../observe/drift.ts";
import type { Observation } from "../observe/observe.ts";
import { FEATURES } from "../probe/feature_rows.ts";

/**
 * What nothing that is said may contradict: what was seen in the same run. One row per rule. A check holds its own conclusion against
 * them before anybody reads it ({@link upheld}), and a property test does so with some thousand generated workspaces and answers. Pure.
 */

/** What was seen, and what is said of it. */
export interface Told {
  observation: Observation;
  sent: readonly Answered[];
  status: Status;
  summary: string;
  findings: readonly Finding[];
  features: readonly FeatureRow[];
}

/** What breaks a rule: a finding by its code, a row of features, or, with neither, the summary. */
interface Offender {
  code?: string;
  feature?: string;
}
/** A rule that is broken. */
export interface Breach extends Offender {
  rule: string;
}

interface Rule {
  name: string;
  broken(told: Told): Offender[];
}

const isAsked = ({ kind }: Probe): boolean => kind !== "models" && kind !== "usage";
const current = ({ sent }: Told): Answered[] => sent.filter(({ probe }) => !probe.stale);
/** Users' own way, with what was there before or not: what they get is what they get. */
const asUsers = ({ sent }: Told): Probe[] =>
  sent
    .map(({ probe }) => probe)
    .filter(({ route, candidate, kind }) => route === "server" && !candidate && kind !== "usage");

const SUMMARY: Offender[] = [{}];
const findingsThat = ({ findings }: Told, breaks: (finding: Finding) => boolean): Offender[] =>
  findings.filter(breaks).map(({ code }) => ({ code }));

const modelsOf = ({ evidence }: Finding): string[] => evidence.flatMap(({ model }) => (model === null ? [] : [model]));

/** Codes that name one of the two processes: they need an answer from there. */
const PROCESS: Readonly<Record<string, Probe["route"]>> = {
  "private-address-server": "server",
  "private-address-worker": "worker",
  "server-url-unreachable": "server",
  "worker-url-unreachable": "worker",
};
/** Findings about answers that came. */
const OF_ANSWERS: ReadonlySet<string> = new Set(["slow", "stale-credentials"]);

export const RULES: readonly Rule[] = [
  {
    name: "a model that the list holds is not gone",
    broken: (told) => {
      const listed = current(told).flatMap(({ models = [] }) => models);
      return findingsThat(told, (one) => one.code === "model-not-served" && among(modelsOf(one), listed).length > 0);
    },
  },
  {
    name: "a model that answered is not gone",
    broken: (told) => {
      const answered = current(told).flatMap(({ probe: { ok, model, ...rest } }) =>
        ok && model !== null && isAsked({ ok, model, ...rest }) ? [model] : [],
      );
      return findingsThat(
        told,
        (one) => one.code === "model-not-served" && modelsOf(one).some((model) => answered.includes(model)),
      );
    },
  },
  {
    name: "a replacement is never the thing replaced",
    broken: ({ findings }) =>
      findings
        .filter(({ remedy }) => remedy.some((step) => isSame(/\breplace (.+?) by ([^,]+)/i.exec(step))))
        .map(({ code }) => ({ code })),
  },
  {
    name: "people are refused only where a request of theirs was",
    broken: (told) =>
      told.summary.startsWith("People are refused") && !asUsers(told).some(({ ok }) => !ok) ? SUMMARY : [],
  },
  {
    name: "people are served only where a request of theirs was answered",
    broken: (told) =>
      told.summary.startsWith("People are served") && !asUsers(told).some(({ ok }) => ok) ? SUMMARY : [],
  },
  {
    name: "every model answers only where every one has, over both routes, with what is there now",
    broken: (told) => {
      if (!told.summary.startsWith("Every configured model answers")) return [];
      const models = configuredModels(told.observation.settings.view);
      const answered = (route: Probe["route"], model: string): boolean =>
        current(told).some(
          ({ probe }) =>
            probe.ok && !probe.candidate && isAsked(probe) && probe.route === route && probe.model === model,
        );
      return models.every((model) => answered("server", model) && answered("worker", model)) ? [] : SUMMARY;
    },
  },
  {
    name: "the gateway answers over both routes only where it has given its list over both",
    broken: (told) => {
      if (!told.summary.startsWith("The gateway answers over both routes")) return [];
      const listed = (route: Probe["route"]): boolean =>
        current(told).some(({ probe }) => probe.ok && !probe.candidate && !isAsked(probe) && probe.route === route);
      return listed("server") && listed("worker") ? [] : SUMMARY;
    },
  },
  {
    name: "what was there before proves nothing but that it is still in use",
    broken: ({ sent, findings }) => {
      const old = new Set(sent.filter(({ probe }) => probe.stale).map(({ probe }) => probe.id));
      return findings
        .filter(({ code, probes }) =>
          code === "stale-credentials" ? old.size === 0 : probes.some((id) => old.has(id)),
        )
        .map(({ code }) => ({ code }));
    },
  },
  {
    name: "a finding explains requests that failed",
    broken: ({ sent, findings }) => {
      const fine = new Set(sent.filter(({ probe }) => probe.ok).map(({ probe }) => probe.id));
      return findings
        .filter(({ code, probes }) => !OF_ANSWERS.has(code) && probes.some((id) => fine.has(id)))
        .map(({ code }) => ({ code }));
    },
  },
  {
    name: "a process is blamed only for its own answers",
    broken: ({ sent, findings }) =>
      findings
        .filter(({ code, probes }) => {
          const route = PROCESS[code];
          const mine = sent.filter(({ probe }) => probes.includes(probe.id));
          return route !== undefined && !mine.some(({ probe }) => probe.route === route);
        })
        .map(({ code }) => ({ code })),
  },
  {
    name: "a feature works only where what it sends was answered",
    broken: (told) =>
      told.features
        .filter(({ feature, state }) => {
          const row = FEATURES.find((one) => one.feature === feature);
          if (state !== "works" || row === undefined) return false;
          return row.needs.some(
            ({ kind }) =>
              !current(told).some(
                ({ probe }) => probe.ok && !probe.candidate && probe.kind === kind && probe.route === row.route,
              ),
          );
        })
        .map(({ feature }) => ({ feature })),
  },
  {
    name: "the status is that of the findings",
    broken: ({ status, findings }) => {
      const worst = (severity: Finding["severity"]): boolean => findings.some((one) => one.severity === severity);
      const fits: Record<Status, boolean> = {
        healthy: !worst("critical") && !worst("warning"),
        degraded: !worst("critical") && worst("warning"),
        down: worst("critical"),
        unknown: worst("critical") || worst("warning"),
      };
      return fits[status] ? [] : SUMMARY;
    },
  },
];

const isSame = (found: RegExpExecArray | null): boolean => {
  const [, what = "", by = ""] = found ?? [];
  return by !== "" && what.toLowerCase().split(", ").includes(by.toLowerCase());
};

/** What is broken, rule by rule. */
export const breachesOf = (told: Told): Breach[] =>
  RULES.flatMap(({ name, broken }) => broken(told).map((offender) => ({ rule: name, ...offender })));

/** Changes that change nothing: a value, or an id in another case, that would take its own place. */
export const emptyChanges = (changes: readonly ChangeView[]): ChangeView[] =>
  changes.filter(
    ({ action, differences }) =>
      action === "change" && differences.some(({ before, after }) => textOf(before) === textOf(after)),
  );

const textOf = (value: unknown): string => JSON.stringify(value ?? null).toLowerCase();
