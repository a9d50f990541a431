import { findResource } from "../windmill/resources.ts";
import { findVariable, readSecret } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { Change } from "./change.ts";

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
