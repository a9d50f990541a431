import type { Actor } from "./access.ts";
import { jsonb, mapStrings } from "./jsonb.ts";
import type { Resource, Store, Workspace } from "./store.ts";

/** Resource types whose values keep no history. */
const UNVERSIONED = ["state", "cache"];
/** Versions kept per resource. */
const VERSION_LIMIT = 100;

/** Whether changes of the resource are kept. */
export function isVersioned(resource: Resource): boolean {
  return !UNVERSIONED.includes(resource.resourceType);
}

/** Gives a resource a value, and keeps it in the history if it differs from the one before. */
export function setValue(store: Store, workspace: Workspace, actor: Actor, resource: Resource, value: unknown): void {
  const next = jsonb(value);
  const changed = JSON.stringify(next) !== JSON.stringify(resource.value);
  Object.assign(resource, { value: next, editedAt: store.clock.iso() });
  if (!changed || !isVersioned(resource)) return;
  const { path } = resource;
  store.lastVersion += 1;
  const created = { createdAt: store.clock.iso(), createdBy: actor.username };
  workspace.resourceVersions.push({ id: store.lastVersion, path, value: next, ...created });
  const kept = workspace.resourceVersions.filter((version) => version.path === path);
  const oldest = kept.length > VERSION_LIMIT ? kept[0] : undefined;
  if (oldest) workspace.resourceVersions.splice(workspace.resourceVersions.indexOf(oldest), 1);
}

/** Deletes a resource, and with it every variable that its value names by `$var:`, whoever else uses it. */
export function deleteWithVariables(workspace: Workspace, resource: Resource): void {
  workspace.resources.delete(resource.path);
  mapStrings(resource.value, (string) => {
    if (string.startsWith("$var:")) workspace.variables.delete(string.slice("$var:".length));
    return string;
  });
}

/** Moves a resource, its history and the variable at the same path. */
export function renameResource(workspace: Workspace, resource: Resource, newPath: string): void {
  const { path } = resource;
  workspace.resources.delete(path);
  workspace.resources.set(newPath, Object.assign(resource, { path: newPath }));
  for (const version of workspace.resourceVersions) {
    if (version.path === path) version.path = newPath;
  }
  const variable = workspace.variables.get(path);
  if (!variable) return;
  workspace.variables.delete(path);
  workspace.variables.set(newPath, Object.assign(variable, { path: newPath }));
}
