import { isDeepStrictEqual } from "node:util";
import { jsonb, mapStrings } from "../standins/windmill/jsonb.ts";
import { plainValue } from "../standins/windmill/secrets.ts";
import type { Workspace } from "../standins/windmill/store.ts";
import { contentsOf } from "../world/workspace_contents.ts";
import type { Scene } from "./scene.ts";

/** What a workspace holds, as far as it matters to somebody, to be compared between runs. */

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objectAt = (value: unknown, key: string): Json => (isObject(value) && isObject(value[key]) ? value[key] : {});

/** Keys that differ from run to run: when something was made, by which job, and what it was called inside of Windmill. */
const VOLATILE = new Set(["editedAt", "createdAt", "expiresAt", "at", "since", "job"]);

/** Where the product keeps what its changes overwrote; it differs with every detour, so it is looked at by itself. */
export const SNAPSHOTS = "f/codex_pooler/snapshots";

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, inner) => (VOLATILE.has(key) ? undefined : inner)));

/** Everything that lasts, by kind and path. */
export function everything(workspace: Workspace): unknown {
  const { resourceVersions: _history, resources: _resources, ...rest } = contentsOf(workspace);
  const resources = [...workspace.resources.values()].filter(({ path }) => path !== SNAPSHOTS);
  const variables = rest.variables as { path: string }[];
  return plain({ ...rest, variables: byPath(variables), resources: byPath(resources) });
}

const byPath = <T extends { path: string }>(items: readonly T[]): Record<string, T> =>
  Object.fromEntries(items.map((item) => [item.path, item]));

/** What may stand in a workspace while a change goes on, or after one that was broken off. */
const isPassing = ({ path, description }: { path: string; description: string | null }): boolean =>
  /^f\/codex_pooler\/change_lock/.test(path) || description?.startsWith("Temporary: f/codex_pooler") === true;

/** {@link everything} but what a change needs only while it goes on. */
export function settled(workspace: Workspace): unknown {
  const items = everything(workspace) as Record<"variables" | "resources", Record<string, never>>;
  const lasting = (kind: "variables" | "resources") =>
    Object.fromEntries(Object.entries(items[kind]).filter(([, item]) => !isPassing(item)));
  return { ...items, variables: lasting("variables"), resources: lasting("resources") };
}

/**
 * What users get: the AI settings, and what the live resource says with the key in it. Where the resource lies does not matter to
 * them.
 */
export function whatUsersGet(workspace: Workspace): unknown {
  const settings = structuredClone(workspace.aiConfig ?? {}) as Json;
  const customai = objectAt(objectAt(settings, "providers"), "customai");
  const { resource_path: path } = customai;
  delete customai.resource_path;
  const resource = typeof path === "string" ? workspace.resources.get(path)?.value : undefined;
  const resolved = mapStrings(resource, (text) => {
    const variable = text.startsWith("$var:") ? workspace.variables.get(text.slice("$var:".length)) : undefined;
    return variable ? plainValue(workspace, variable) : text;
  });
  return { settings, resource: resolved ?? null };
}

/** What another admin does to AI settings: enables a model of another provider and writes a prompt. */
function edited(settings: unknown): Json {
  const before = isObject(settings) ? settings : {};
  const providers = objectAt(before, "providers");
  const openai = {
    resource_path: "u/member/openai",
    ...objectAt(providers, "openai"),
    models: ["gpt-4o", "gpt-4o-mini"],
  };
  const custom_prompts = { ...objectAt(before, "custom_prompts"), edit: "Keep comments short." };
  return jsonb({ ...before, providers: { ...providers, openai }, custom_prompts }) as Json;
}

/** Another admin saves the settings page of the scene's workspace. */
export function anotherAdminSaves({ windmill, workspace }: Scene): void {
  workspace.aiConfig = edited(workspace.aiConfig);
  windmill.processes.server.credentials.invalidate(workspace.id);
}

/** What {@link whatUsersGet} or {@link everything} told, with that change in it. */
export function withOthersChange(contents: unknown): unknown {
  if (!isObject(contents)) return contents;
  if ("settings" in contents) return { ...contents, settings: edited(contents.settings) };
  return { ...contents, aiConfig: edited(contents.aiConfig) };
}

/** The places where two contents differ, with both values, short enough to read. */
export function differencesOf(is: unknown, should: unknown, path = ""): string[] {
  if (isDeepStrictEqual(is, should)) return [];
  if (isObject(is) && isObject(should)) {
    const keys = [...new Set([...Object.keys(is), ...Object.keys(should)])];
    return keys.flatMap((key) => differencesOf(is[key], should[key], path === "" ? key : `${path} > ${key}`));
  }
  return [`${path}: ${short(is)} instead of ${short(should)}`];
}

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 160 ? `${text.slice(0, 160)}...` : text;
};

/** Snapshots that are on record, the newest first. */
function snapshotsOf(workspace: Workspace): unknown[] {
  const store = workspace.resources.get(SNAPSHOTS)?.value;
  return isObject(store) && Array.isArray(store.snapshots) ? store.snapshots : [];
}

/** The id under which the last change is on record. */
export function lastChange(workspace: Workspace): string {
  const [last] = snapshotsOf(workspace);
  if (!isObject(last)) throw new Error("There is no change on record.");
  return String(last.id);
}

/**
 * What the snapshots tell, the newest first: what each change overwrote of settings, resources and wishes. By which job and when is
 * different with every run.
 */
export const recorded = (workspace: Workspace): unknown =>
  plain(
    snapshotsOf(workspace).map((snapshot) => {
      const { ai_settings, resource, more_resources, intent, undoes } = isObject(snapshot) ? snapshot : {};
      return { ai_settings, resource, more_resources, intent, undoes: undoes !== undefined };
    }),
  );

/** Ids of snapshots of which the run that made the change did not get to its end. */
export const openSnapshots = (workspace: Workspace): string[] =>
  snapshotsOf(workspace).flatMap((snapshot) =>
    isObject(snapshot) && snapshot.open === true ? [String(snapshot.id)] : [],
  );
