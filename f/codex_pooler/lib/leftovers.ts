import "windmill-client@1.818.0";
import "zod@4.6.7";
import type { Change } from "./changes/change.ts";
import { COPY_DESCRIPTION } from "./detour.ts";
import type { Windmill } from "./windmill.ts";
import { findResource } from "./workspace/resources.ts";
import { findVariable, readSecret } from "./workspace/variables.ts";

/** The changes that remove the copy of a connection, where a run that died on its detour has left one at the path. */
export async function removeCopy(windmill: Windmill, path: string): Promise<Change[]> {
  const [resource, variable] = await Promise.all([findResource(windmill, path), findVariable(windmill, path)]);
  const changes: Change[] = [];
  if (resource?.description === COPY_DESCRIPTION) {
    const { resource_type, value } = resource;
    changes.push({ kind: "delete-resource", path, resource_type, value, description: COPY_DESCRIPTION });
  }
  if (variable?.description === COPY_DESCRIPTION) {
    const { secret } = await readSecret(windmill, path);
    changes.push({ kind: "delete-secret", path, secret, description: COPY_DESCRIPTION });
  }
  return changes;
}
