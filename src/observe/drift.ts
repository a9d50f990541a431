import { showableAddress } from "../core/address.ts";
import { tidyBaseUrl } from "../inputs/base_url.ts";
import { ownModel, type SettingsView, viewSettings } from "./ai_settings.ts";
import type { Intent } from "./intent.ts";
import type { Observation } from "./observe.ts";

/**
 * Where the workspace differs from what was asked for. A model that the gateway did not list when the models were chosen may be
 * enabled by anybody: that is no drift. Pure.
 */

export type Place = "connection" | "resource" | "models" | "default_model" | "metadata_model" | "base_url" | "key";

export interface Drift {
  place: Place;
  /** What differs, in words, with what was asked for and what is there. Never a secret. */
  says: string;
  /** Codes of findings that say it more exactly, and that a repair mends. */
  said_by: readonly string[];
}

/** What was asked for; null where nothing is, or where it was undone. */
export const wishOf = ({ intent }: Pick<Observation, "intent">): Intent | null =>
  intent?.active === true ? intent : null;

/** What the workspace's own settings say: the instance's are nothing that anybody here asked for. */
export const ownView = ({ settings }: Pick<Observation, "settings">): SettingsView =>
  settings.source === "workspace" ? settings.view : viewSettings(settings.own ?? {});

/** Ids that are there in another case count as there: the gateway compares so. */
const lower = (ids: readonly string[]): Set<string> => new Set(ids.map((id) => id.trim().toLowerCase()));

/** The ids of `ids` that are in `others`, whatever their case. */
export const among = (ids: readonly string[], others: readonly string[]): string[] => {
  const known = lower(others);
  return ids.filter((id) => known.has(id.trim().toLowerCase()));
};

/** The ids of `ids` that are not in `others`, whatever their case. */
export const without = (ids: readonly string[], others: readonly string[]): string[] => {
  const known = lower(others);
  return ids.filter((id) => !known.has(id.trim().toLowerCase()));
};

/**
 * All places that differ.
 *
 * @param served ids that the gateway lists; null when its list is not known. What it serves no more is missed by nobody.
 */
export function driftOf(observation: Observation, served: readonly string[] | null): Drift[] {
  const wish = wishOf(observation);
  if (wish === null) return [];
  const view = ownView(observation);
  if (view.connection === null) {
    return [
      {
        place: "connection",
        says: `the provider customai with the resource ${wish.resource_path} was asked for and is gone from the AI settings`,
        said_by: ["provider-missing"],
      },
    ];
  }
  return [
    ...resourceDrift(wish, view.connection.resource_path),
    ...modelDrift(wish, view.connection.models, served),
    ...roleDrift("default_model", wish, view),
    ...roleDrift("metadata_model", wish, view),
    ...valueDrift(wish, observation),
  ];
}

const drift = (place: Place, says: string, ...said_by: string[]): Drift => ({ place, says, said_by });

function resourceDrift(wish: Intent, path: string): Drift[] {
  if (path === wish.resource_path) return [];
  return [
    drift(
      "resource",
      `the resource ${wish.resource_path} was asked for, and the AI settings name ${path || "none"}`,
      "resource-path-empty",
      "resource-missing",
    ),
  ];
}

function modelDrift(wish: Intent, enabled: readonly string[], served: readonly string[] | null): Drift[] {
  const lost = missingModels(wish, enabled, served);
  const added = among(enabled, wish.left_out);
  return [
    ...(lost.length > 0 ? [drift("models", `${lost.join(", ")} was asked for and is not enabled`)] : []),
    ...(added.length > 0 ? [drift("models", `${added.join(", ")} was left out and is enabled`)] : []),
  ];
}

/** Models that were asked for, are served, and are not enabled. */
export const missingModels = (wish: Intent, enabled: readonly string[], served: readonly string[] | null): string[] =>
  served === null ? [] : among(without(wish.models, enabled), served);

function roleDrift(place: "default_model" | "metadata_model", wish: Intent, view: SettingsView): Drift[] {
  const wanted = wish[place];
  const ref = view[place];
  if (wanted === null || ownModel(ref) === wanted) return [];
  const name = place === "default_model" ? "default model" : "metadata model";
  const now =
    ref === null ? "none is set" : `it is ${ref.provider === "customai" ? "" : `${ref.provider}:`}${ref.model}`;
  return [
    drift(
      place,
      `the ${name} ${wanted} was asked for, and ${now}`,
      ...(ref === null ? [place === "default_model" ? "no-default-model" : "no-metadata-model"] : []),
    ),
  ];
}

function valueDrift(wish: Intent, { resource }: Observation): Drift[] {
  if (resource?.state !== "ok") return [];
  const { base_url, key } = resource;
  const sameUrl = tidyBaseUrl(base_url) === wish.base_url;
  const sameKey = key.kind === "reference" && key.path === wish.secret_path;
  const slips = ["unresolved", "blanks", "not-http", "credentials", "query", "endpoint", "no-v1"];
  return [
    ...(sameUrl
      ? []
      : [
          drift(
            "base_url",
            `the gateway ${showableAddress(wish.base_url)} was asked for, and the resource says ${showableAddress(base_url) || "nothing"}`,
            ...slips.map((slip) => `base-url-${slip}`),
          ),
        ]),
    ...(sameKey
      ? []
      : [
          drift(
            "key",
            `the key in ${wish.secret_path} was asked for, and the resource uses ${
              key.kind === "reference"
                ? `the one in ${key.path}`
                : key.kind === "none"
                  ? "none"
                  : "one that stands in it"
            }`,
            "literal-key-in-resource",
          ),
        ]),
  ];
}
