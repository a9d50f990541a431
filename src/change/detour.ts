import { asRecord } from "../core/json.ts";
import { RESOURCE_TYPE } from "../core/resource_type.ts";
import type { Secret } from "../core/secret.ts";
import { COPY_DESCRIPTION, copyPath } from "../core/temporary.ts";
import { PROVIDER, type RawAiSettings, viewSettings } from "../observe/ai_settings.ts";
import type { Change } from "./change.ts";

/**
 * Saving the AI settings is the one step that moves all users at once. A plan that changes the live key or the live resource
 * beside them, or both of these, would serve people a mix of old and new on the way, and for good if its job died there. So it
 * takes a detour: users are moved to a copy of the connection as it shall be, the parts are changed while nobody uses them, and
 * users are moved back. Pure.
 */

/** What users' requests go through now. */
export interface Live {
  settings: RawAiSettings;
  resource: { path: string; value: unknown };
  /** The variable with the key; null where the resource holds the key itself. */
  secret_path: string | null;
}

type Saved = Extract<Change, { kind: "save-ai-settings" }>;

/** Whether users' requests meet the change at once. */
const isLive = (change: Change, live: Live): boolean =>
  change.kind === "save-ai-settings" ||
  (change.kind === "replace-resource" && change.path === live.resource.path) ||
  (change.kind === "replace-secret" && change.path === live.secret_path);

/** The changes with the detour, if they need one. */
export function withDetour(changes: readonly Change[], live: Live | null): Change[] {
  if (live === null || changes.filter((change) => isLive(change, live)).length < 2) return [...changes];
  const save = changes.find((change): change is Saved => change.kind === "save-ai-settings");
  if (save && viewSettings(save.after).connection === null) return endingFirst(changes, save, live);
  const { path, value } = target(changes, save, live);
  const copy = copyPath(path);
  const key = keyOf(changes, value);
  const before = { ...(save?.before ?? live.settings) };
  const after = { ...(save?.after ?? live.settings) };
  const via = save?.via ?? "server";
  const meanwhile = withResourcePath(after, copy);
  const copied = key === null ? value : { ...value, api_key: `$var:${copy}` };
  const secret: Change[] =
    key === null ? [] : [{ kind: "create-secret", path: copy, secret: key, description: COPY_DESCRIPTION }];
  const copies: Change[] = [
    ...secret,
    {
      kind: "create-resource",
      path: copy,
      resource_type: RESOURCE_TYPE.name,
      value: copied,
      description: COPY_DESCRIPTION,
    },
  ];
  // What comes before the first live change stays in front: records, and what the copy itself may need.
  const first = changes.findIndex((change) => isLive(change, live));
  return [
    ...changes.slice(0, first),
    ...copies,
    { kind: "save-ai-settings", before, after: meanwhile, via },
    ...changes.slice(first).flatMap((change): Change[] => (change === save ? [] : [change])),
    { kind: "save-ai-settings", before: meanwhile, after, via, keeps_others: true },
    ...copies.toReversed().map(removal),
  ];
}

/** Where nobody is served afterwards, the settings go first: what comes then meets nobody. */
function endingFirst(changes: readonly Change[], save: Saved, live: Live): Change[] {
  const first = changes.findIndex((change) => isLive(change, live));
  return [...changes.slice(0, first), save, ...changes.slice(first).filter((change) => change !== save)];
}

/** The resource that users shall use in the end. */
function target(
  changes: readonly Change[],
  save: Saved | undefined,
  live: Live,
): { path: string; value: Record<string, unknown> } {
  const path = viewSettings(save?.after ?? live.settings).connection?.resource_path ?? live.resource.path;
  for (const change of changes) {
    if (change.kind === "create-resource" && change.path === path) return change;
    if (change.kind === "replace-resource" && change.path === path) return { path, value: change.after };
  }
  return { path, value: asRecord(live.resource.value) };
}

/** The key that the resource shall use, where it is another one than is stored now. */
function keyOf(changes: readonly Change[], value: Record<string, unknown>): Secret | null {
  for (const change of changes) {
    const stored =
      change.kind === "replace-secret" ? change.after : change.kind === "create-secret" ? change.secret : null;
    if (stored !== null && "path" in change && value.api_key === `$var:${change.path}`) return stored;
  }
  return null;
}

/** The settings with the connection at another path; the rest as it is. */
export function withResourcePath(settings: RawAiSettings, resource_path: string): Record<string, unknown> {
  const providers = asRecord(settings.providers);
  return { ...settings, providers: { ...providers, [PROVIDER]: { ...asRecord(providers[PROVIDER]), resource_path } } };
}

function removal(change: Change): Change {
  if (change.kind === "create-resource") return { ...change, kind: "delete-resource" };
  if (change.kind === "create-secret") return { ...change, kind: "delete-secret" };
  throw new Error(`${change.kind} is no part of a copy`);
}
