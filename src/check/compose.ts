import { showableAddress } from "../core/address.ts";
import type { ConnectionFacts, Depth, Finding, ModelRow, Probe, Route, Status } from "../core/shapes.ts";
import { whatPeopleGet } from "../diagnose/people.ts";
import { configuredModels, ownModel, type SettingsView } from "../observe/ai_settings.ts";
import type { Observation } from "../observe/observe.ts";
import { defaultElsewhere } from "../probe/feature_rows.ts";

/** The parts of a check's report that are made from what was seen. Pure. */

/** What the connection is made of. */
export function connectionFacts({ settings, resource, secret, schedule }: Observation): ConnectionFacts {
  return {
    settings: settings.source,
    resource_path: settings.view.connection?.resource_path ?? null,
    base_url: resource?.state === "ok" ? showableAddress(resource.base_url) : null,
    secret_path: secret?.path ?? null,
    default_model: ownModel(settings.view.default_model),
    metadata_model: ownModel(settings.view.metadata_model),
    default_elsewhere: defaultElsewhere(settings.view),
    schedule: schedule && { cron: schedule.schedule, enabled: schedule.enabled, timezone: schedule.timezone },
  };
}

/** One row per configured model, then one per other model that the gateway lists. */
export function modelRows(view: SettingsView, served: readonly string[] | null, probes: readonly Probe[]): ModelRow[] {
  const configured = configuredModels(view);
  const known = new Set(configured.map((id) => id.toLowerCase()));
  const others = (served ?? []).filter((id) => !known.has(id.toLowerCase()));
  const listed = new Set((served ?? []).map((id) => id.toLowerCase()));
  return [...configured, ...others].map((id) => {
    // Feature probes fail for what a feature asks, not for the model: the features table shows them.
    const mine = probes.filter(({ model, kind, stale }) => model === id && kind === "chat" && !stale);
    const side = (route: Route): ModelRow["server"] => {
      const there = mine.filter((probe) => probe.route === route);
      if (there.length === 0) return "not-tested";
      return there.every(({ ok }) => ok) ? "ok" : "failed";
    };
    const times = mine.filter(({ ok, route }) => ok && route === "server").map(({ ms }) => ms);
    return {
      id,
      configured: view.connection?.models.includes(id) ?? false,
      is_default: ownModel(view.default_model) === id,
      is_metadata: ownModel(view.metadata_model) === id,
      served: served === null ? null : listed.has(id.toLowerCase()),
      server: side("server"),
      worker: side("worker"),
      ms: times.length > 0 ? Math.max(...times) : null,
    };
  });
}

/** Tokens that the gateway said the probes used. */
export const tokensOf = (probes: readonly Probe[]): number =>
  probes.reduce((sum, { tokens }) => sum + (tokens ?? 0), 0);

const HEALTHY: Record<Depth, string> = {
  free: "The gateway answers over both routes. No model was asked, as depth free costs no tokens.",
  chat: "Every configured model answers over both routes.",
  features: "Every configured model answers over both routes, and what Windmill's features send was tried.",
};

/** What a status is, as far as it was seen: that people are refused or served is said where a request of theirs was. */
function headline(
  status: Exclude<Status, "healthy">,
  findings: readonly Finding[],
  probes: readonly Probe[],
  view: SettingsView,
): string {
  const asUsers = probes.filter(({ route, candidate }) => route === "server" && !candidate);
  if (status === "unknown") return "It could not be measured what people get.";
  if (status === "down") {
    return asUsers.some(({ ok, kind }) => !ok && kind !== "usage")
      ? whatPeopleGet(findings, probes)
      : "Windmill AI cannot work as it is set.";
  }
  const elsewhere = defaultElsewhere(view);
  if (elsewhere !== null) {
    return `The default model, ${elsewhere}, does not go through the gateway and was not checked; its own models have a problem.`;
  }
  return asUsers.some(({ ok, kind }) => ok && kind !== "usage")
    ? "People are served, but something needs a look."
    : "Something needs a look.";
}

/** One line: the status and its first cause. */
export function summarise({
  status,
  depth,
  findings,
  probes,
  view,
  not_asked,
}: {
  status: Status;
  depth: Depth;
  findings: readonly Finding[];
  probes: readonly Probe[];
  view: SettingsView;
  not_asked: number;
}): string {
  if (status === "healthy" && not_asked > 0) {
    return `What was asked answers; there was no time left for ${not_asked} of the requests of depth ${depth}.`;
  }
  if (status === "healthy") return probes.length > 0 ? HEALTHY[depth] : "Nothing is wrong, and nothing was asked.";
  const [first, ...more] = findings.filter(({ severity }) => severity !== "info");
  const cause = first ? `${first.title}${more.length > 0 ? `, and ${more.length} more` : ""}.` : "";
  return `${headline(status, findings, probes, view)} ${cause}`.trim();
}
