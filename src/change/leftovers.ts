import { besidePath } from "../core/paths.ts";
import { findResource } from "../windmill/resources.ts";
import { findVariable, readSecret } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { Change } from "./change.ts";

/** Last segment of the path of the variable that keeps the old key until the new one has proven itself; it stands beside the key. */
const PREVIOUS_NAME = "codex_pooler_previous_key";
/** How that variable is known for what it is. */
export const PREVIOUS_DESCRIPTION =
  "Temporary: f/codex_pooler/rotate_key keeps the old key until the new one has proven itself";

/** Where the old key is kept while it is rotated. */
export const previousPath = (secretPath: string): string => besidePath(secretPath, PREVIOUS_NAME);

/**
 * The changes that remove a temporary resource and variable which a run that died has left at a path. What stands there without
 * the description of a temporary item is somebody else's, and stays.
 */
export async function removeTemporary(windmill: Windmill, path: string, description: string): Promise<Change[]> {
  const [resource, variable] = await Promise.all([findResource(windmill, path), findVariable(windmill, path)]);
  const changes: Change[] = [];
  if (resource?.description === description) {
    const { resource_type, value } = resource;
    changes.push({ kind: "delete-resource", path, resource_type, value, description });
  }
  if (variable?.description === description) {
    const { secret } = await readSecret(windmill, path);
    changes.push({ kind: "delete-secret", path, secret, description });
  }
  return changes;
}
