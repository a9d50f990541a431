import { showableAddress } from "../core/address.ts";
import { headerSlip, readableCredentials } from "../core/headers.ts";
import { asRecord } from "../core/json.ts";
import type { Probe } from "../core/shapes.ts";
import { baseUrlSlip } from "../inputs/base_url.ts";
import { configuredModels, ownModel, PROVIDER, sharedModels } from "../observe/ai_settings.ts";
import type { Drift } from "../observe/drift.ts";
import type { Observation } from "../observe/observe.ts";
import type { KnownFact } from "./collapse.ts";

/** What is wrong by what was read and measured, beside what failed probes say. Pure. */

const one = (code: string, applies: boolean, seen = ""): KnownFact[] => (applies ? [{ code, seen }] : []);

/** Parts of the settings without which nobody knows whether there is a connection. */
const VITAL: readonly string[] = ["providers", `providers.${PROVIDER}`];

/** Whether the part of the settings that says what the connection is has a shape that this code does not know. */
const isConnectionUnknown = ({ settings: { view } }: Observation): boolean =>
  view.unreadable.some((part) => VITAL.includes(part));

/** Providers of the workspace's own settings that people do not get: Windmill could not read these settings. */
const lostProviders = ({ settings: { own, view } }: Observation): string[] =>
  Object.keys(asRecord(own?.providers)).filter((name) => !view.providers.includes(name));

/** One rule per question; the rows of the diagnosis table say what each answer means. */
const RULES: readonly ((observation: Observation) => KnownFact[])[] = [
  (observation) => {
    const { view } = observation.settings;
    const lost = lostProviders(observation);
    const strange = view.unreadable.filter((part) => !VITAL.includes(part));
    return [
      ...one(
        view.providers.length === 0 ? "settings-unreadable" : "own-settings-ignored",
        lost.length > 0,
        `stored here and not in effect: ${lost.join(", ")}`,
      ),
      ...one("connection-not-understood", isConnectionUnknown(observation), view.unreadable.join(", ")),
      ...one("settings-not-understood", strange.length > 0, strange.join(", ")),
    ];
  },
  (observation) => {
    const { view } = observation.settings;
    if (isConnectionUnknown(observation) || lostProviders(observation).length > 0) return [];
    const { providers, connection } = view;
    return [
      ...one("ai-not-configured", providers.length === 0),
      ...one("provider-missing", providers.length > 0 && connection === null, `providers: ${providers.join(", ")}`),
    ];
  },
  ({ settings }) => one("instance-settings-in-use", settings.source === "instance"),
  ({ settings }) => one("ai-disabled", settings.view.ai_disabled),
  ({ settings: { view } }) => {
    if (view.connection === null) return [];
    const roles = [view.default_model, view.metadata_model].filter((ref) => ref !== null);
    const enabled = view.connection.models;
    const disabled = roles.filter((ref) => ref.provider === PROVIDER && !enabled.includes(ref.model));
    const nowhere = roles.filter((ref) => !view.providers.includes(ref.provider));
    return [
      ...one("no-default-model", view.default_model === null && !view.unreadable.includes("default_model")),
      // A workspace whose chat goes to another provider needs no metadata model of this one.
      ...one(
        "no-metadata-model",
        view.metadata_model === null &&
          !view.unreadable.includes("metadata_model") &&
          (view.default_model?.provider ?? PROVIDER) === PROVIDER,
      ),
      ...disabled.map(({ model }) => ({ code: "default-model-not-enabled", seen: model, model })),
      ...nowhere.map(({ provider, model }) => ({ code: "default-model-nowhere", seen: `${provider}:${model}`, model })),
    ];
  },
  ({ settings: { view } }) =>
    one(
      "code-completion-on-customai",
      ownModel(view.code_completion_model) !== null,
      view.code_completion_model?.model,
    ),
  ({ resource }) => [
    ...one("resource-missing", resource?.state === "missing", resource?.path),
    ...one("resource-malformed", resource?.state === "malformed", resource?.path),
    ...one("resource-unreadable", resource?.state === "hidden", resource?.path),
    ...one("resource-type-other", resource?.state === "ok" && resource.type !== PROVIDER, resource?.path),
    ...one("key-not-set", resource?.state === "ok" && resource.key.kind === "none", resource?.path),
  ],
  ({ has_resource_type }) => one("resource-type-missing", !has_resource_type),
  ({ settings }) =>
    sharedModels(settings.effective).map((model) => ({ code: "duplicate-model-id", seen: model, model })),
  // Windmill names the workspaces of forks so (wm-fork-<name>).
  ({ workspace }) => one("fork-keeps-copy", workspace.startsWith("wm-fork-"), workspace),
  ({ resource }) => {
    if (resource?.state !== "ok") return [];
    const slip = resource.base_url === "" ? { code: "base-url-missing" } : baseUrlSlip(resource.base_url);
    const headers = Object.entries(resource.headers).flatMap(([name, value]) => {
      const found = headerSlip(name, value);
      return found ? [{ code: found.code, seen: `${name} ${found.says}` }] : [];
    });
    return [
      ...(slip ? [{ code: slip.code, seen: showableAddress(resource.base_url) }] : []),
      ...one("base-url-slash", !slip && resource.base_url.endsWith("/"), showableAddress(resource.base_url)),
      ...one(
        "literal-key-in-resource",
        resource.key.kind === "literal",
        resource.key.kind === "literal" ? resource.key.prefix : "",
      ),
      ...headers,
      ...readableCredentials(resource.headers).map((name) => ({ code: "readable-header", seen: name })),
    ];
  },
  ({ secret }) => one("secret-missing", secret?.state === "missing", secret?.path),
  ({ secret }) => one("secret-not-secret", secret?.state === "not-secret", secret?.path),
  ({ secret }) => one("secret-shared", secret?.shared === true, secret?.path),
  ({ old_key }) => one("old-key-kept", old_key !== null, old_key?.path),
  ({ schedule, settings, intent }) => [
    ...one("schedule-error", Boolean(schedule?.error), schedule?.error ?? ""),
    ...one("schedule-off", schedule !== null && !schedule.enabled && !schedule.error && !intent?.schedule_off),
    ...one("schedule-missing", schedule === null && settings.view.connection !== null),
  ],
];

/**
 * Everything that the settings, the resource, the secret and the schedule say is wrong.
 *
 * @param served ids that the gateway lists; null when its list could not be read.
 * @param drift where it differs from what was asked for.
 */
export function factsOf(
  observation: Observation,
  served: readonly string[] | null,
  drift: readonly Drift[],
): KnownFact[] {
  const facts = [...RULES.flatMap((rule) => rule(observation)), ...notServed(observation, served)];
  return [...facts, ...drifted(drift, new Set(facts.map(({ code }) => code)))];
}

/** What differs from the intent, where no other fact says it more exactly. */
function drifted(drift: readonly Drift[], said: ReadonlySet<string>): KnownFact[] {
  const untold = drift.filter(({ said_by }) => !said_by.some((code) => said.has(code)));
  return untold.map(({ says }) => ({ code: "settings-drift", seen: says }));
}

/** Configured ids that the gateway does not list. It compares without regard to case, as the gateway does. */
function notServed(observation: Observation, served: readonly string[] | null): KnownFact[] {
  // A list that could not be read, or is empty, says nothing of one model.
  if (served === null || served.length === 0) return [];
  const known = new Set(served.map((id) => id.trim().toLowerCase()));
  return configuredModels(observation.settings.view)
    .filter((id) => !known.has(id.trim().toLowerCase()))
    .map((id) => ({ code: "model-not-served", seen: `served: ${served.slice(0, 20).join(", ")}`, model: id }));
}

/** Milliseconds after which Windmill's own "Test key" gives up (TestAIKey.svelte); the chat itself waits for ten minutes. */
const PATIENCE_MS = 10_000;

/** Models that answer, but later than people wait for. */
export const slowModels = (
  probes: readonly Pick<Probe, "id" | "kind" | "route" | "model" | "ok" | "ms" | "stale">[],
): KnownFact[] =>
  probes
    .filter(
      ({ kind, route, ok, ms, stale }) => kind === "chat" && route === "server" && ok && !stale && ms > PATIENCE_MS,
    )
    .map(({ id, model, ms }) => ({
      code: "slow",
      probes: [id],
      seen: `${(ms / 1000).toFixed(1)} s`,
      ...(model === null ? {} : { model }),
    }));
