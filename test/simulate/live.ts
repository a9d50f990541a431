import { isDeepStrictEqual } from "node:util";
import { deployedIn } from "../standins/windmill/jobs/state.ts";
import { mapStrings } from "../standins/windmill/jsonb.ts";
import { plainValue } from "../standins/windmill/secrets.ts";
import type { Workspace } from "../standins/windmill/store.ts";
import { FOLDER } from "./windmill.ts";

/** What a workspace holds at a moment, as far as it matters to somebody. */

type Json = Record<string, unknown>;
const record = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};

/** What requests of people are made of: where they go, with which key and headers. */
export interface Live {
  path: string;
  secretPath: string | null;
  base_url: string;
  key: string | null;
  headers: Record<string, string>;
}

/** What the AI settings name; null where there is no connection, or nothing at its end. */
export function liveOf(workspace: Workspace): Live | null {
  const { resource_path: path } = record(record(record(workspace.aiConfig).providers).customai);
  const resource = typeof path === "string" ? workspace.resources.get(path) : undefined;
  if (typeof path !== "string" || !resource) return null;
  const value = record(resource.value);
  const [, secretPath = null] = /^\$var:(.*)$/.exec(String(value.api_key ?? "")) ?? [];
  const variable = secretPath === null ? undefined : workspace.variables.get(secretPath);
  const key =
    secretPath === null
      ? typeof value.api_key === "string"
        ? value.api_key
        : null
      : variable
        ? plainValue(workspace, variable)
        : null;
  const headers = Object.fromEntries(Object.entries(record(value.headers)).map(([name, text]) => [name, String(text)]));
  return { path, secretPath, base_url: String(value.base_url ?? ""), key, headers };
}

/** What people get: AI settings without the place of the resource, and the resource with the key in it. */
export interface Contents {
  /** The AI settings; where the resource lies does not matter to people. */
  settings: Json;
  live: Omit<Live, "path" | "secretPath"> | null;
  /** What was asked for, as far as it steers a repair. */
  wish: unknown;
}

export function contentsOf(workspace: Workspace): Contents {
  const settings = structuredClone(record(workspace.aiConfig));
  const customai = record(record(settings.providers).customai);
  delete customai.resource_path;
  const live = liveOf(workspace);
  const intent = record(workspace.resources.get(`${FOLDER}/intent`)?.value);
  const { base_url, models, default_model, metadata_model, active } = record(intent.wish ?? intent);
  return {
    settings,
    live: live && { base_url: live.base_url, key: live.key, headers: live.headers },
    wish: active === true ? { base_url, models, default_model, metadata_model } : null,
  };
}

/** Every item that is not a run, by kind and path: what somebody may miss. */
export function itemsOf(workspace: Workspace): Map<string, unknown> {
  const items = new Map<string, unknown>();
  for (const { path, value, resourceType } of workspace.resources.values())
    items.set(`resource ${path}`, [resourceType, value]);
  for (const variable of workspace.variables.values())
    items.set(`variable ${variable.path}`, plainValue(workspace, variable));
  for (const { path, schedule, args, enabled, permissionedAs } of deployedIn(workspace).schedules.values()) {
    items.set(`schedule ${path}`, { schedule, args, enabled, permissionedAs });
  }
  return items;
}

/** A resource's value with the secrets that it names in it. */
export const resolved = (workspace: Workspace, value: unknown): unknown =>
  mapStrings(value, (text) => {
    const variable = text.startsWith("$var:") ? workspace.variables.get(text.slice("$var:".length)) : undefined;
    return variable ? plainValue(workspace, variable) : text;
  });

/** The places where two contents differ, with both values, short enough to read. */
export function differencesOf(is: unknown, should: unknown, path = ""): string[] {
  if (isDeepStrictEqual(is, should)) return [];
  const [a, b] = [is, should];
  if (
    typeof a === "object" &&
    typeof b === "object" &&
    a !== null &&
    b !== null &&
    !Array.isArray(a) &&
    !Array.isArray(b)
  ) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) =>
      differencesOf((a as Json)[key], (b as Json)[key], path === "" ? key : `${path} > ${key}`),
    );
  }
  return [`${path}: ${short(a)} instead of ${short(b)}`];
}

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 120 ? `${text.slice(0, 120)}...` : text;
};
