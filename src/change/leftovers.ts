import { findResource } from "../windmill/resources.ts";
import { findVariable, readSecret } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { Change } from "./change.ts";

/** What stands at the path of a temporary item. */
export interface Leftover {
  path: string;
  /** What removes the items that a run which died has left there. */
  changes: Change[];
  /** Whether something there is somebody else's, and stays. */
  foreign: boolean;
}

/**
 * Looks at the path of a temporary item. What stands there without the description of one is somebody else's.
 *
 * @param descriptions by which a temporary item is known.
 */
export async function findLeftover(
  windmill: Windmill,
  path: string,
  ...descriptions: readonly string[]
): Promise<Leftover> {
  const [resource, variable] = await Promise.all([findResource(windmill, path), findVariable(windmill, path)]);
  const isOurs = (item: { description?: string | null | undefined }): boolean =>
    descriptions.includes(item.description ?? "");
  const changes: Change[] = [];
  if (resource !== null && isOurs(resource)) {
    const { resource_type, value, description } = resource;
    changes.push({ kind: "delete-resource", path, resource_type, value, description: description ?? "" });
  }
  if (variable !== null && isOurs(variable)) {
    const { secret } = await readSecret(windmill, path);
    changes.push({ kind: "delete-secret", path, secret, description: variable.description ?? "" });
  }
  return { path, changes, foreign: [resource, variable].some((item) => item !== null && !isOurs(item)) };
}
