import { jsonb } from "./jsonb.ts";
import { encrypt } from "./secrets.ts";
import type { Resource, Store, Variable, Workspace } from "./store.ts";

/** Who a seeded item is from. */
const AUTHOR = "admin";

/** Puts a variable into a workspace as if the admin had created it. Secret unless said otherwise; `value` is plain text. */
export function seedVariable(
  store: Store,
  workspace: Workspace,
  path: string,
  value: string,
  { isSecret = true, description = "" }: { isSecret?: boolean; description?: string } = {},
): Variable {
  const stored = isSecret ? encrypt(workspace, value) : value;
  const edited = { editedAt: store.clock.iso(), editedBy: AUTHOR };
  const variable: Variable = { path, value: stored, isSecret, description, extraPerms: {}, expiresAt: null, ...edited };
  workspace.variables.set(path, variable);
  return variable;
}

/** Puts a resource into a workspace as if the admin had created it, without a trace in its history. */
export function seedResource(
  store: Store,
  workspace: Workspace,
  path: string,
  value: unknown,
  { resourceType = "customai", description = null }: { resourceType?: string; description?: string | null } = {},
): Resource {
  const created = { createdBy: AUTHOR, editedAt: store.clock.iso() };
  const resource: Resource = { path, value: jsonb(value), resourceType, description, extraPerms: {}, ...created };
  workspace.resources.set(path, resource);
  return resource;
}
