import { RESOURCE_TYPE } from "../core/resource_type.ts";
import type { Secret } from "../core/secret.ts";
import { CANDIDATE_DESCRIPTION, candidatePath } from "../core/temporary.ts";
import * as resources from "../windmill/resources.ts";
import * as variables from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";

/**
 * A connection that is tried before it becomes the live one: a resource of its own, which only requests that name it
 * (X-Resource-Path) use. It is gone when the trial ends, whatever the outcome.
 */

/**
 * Milliseconds after which Windmill itself deletes a candidate's key, should the job die before it can. A day, because the
 * worker's clock and the server's need not agree.
 */
const CANDIDATE_LIFETIME_MS = 86_400_000;

/**
 * Makes the candidate, hands its resource path to `trial`, and removes it again.
 *
 * @param value the resource's value, as it would be live.
 * @param key a key that is not stored yet; null when the value's own reference is to be used.
 * @throws WindmillError when the candidate cannot be made or removed, and whatever `trial` throws.
 */
export async function tryCandidate<T>(
  windmill: Windmill,
  resourcePath: string,
  value: Record<string, unknown>,
  key: Secret | null,
  trial: (candidate: string) => Promise<T>,
): Promise<T> {
  const path = candidatePath(resourcePath);
  await removeCandidate(windmill, path);
  await requireFree(windmill, path);
  try {
    if (key !== null) {
      const expiresAt = new Date(Date.now() + CANDIDATE_LIFETIME_MS).toISOString();
      await variables.createSecret(windmill, path, key, CANDIDATE_DESCRIPTION, expiresAt);
    }
    await resources.createResource(windmill, {
      path,
      resource_type: RESOURCE_TYPE.name,
      description: CANDIDATE_DESCRIPTION,
      value: key === null ? value : { ...value, api_key: `$var:${path}` },
    });
    return await trial(path);
  } finally {
    await removeCandidate(windmill, path);
  }
}

/** @throws Error when something of somebody else's stands where the candidate is to be made; nothing has been made then. */
async function requireFree(windmill: Windmill, path: string): Promise<void> {
  const [resource, variable] = await Promise.all([
    resources.findResource(windmill, path),
    variables.findVariable(windmill, path),
  ]);
  if (resource === null && variable === null) return;
  throw new Error(
    `Nothing was changed, because the ${resource ? "resource" : "variable"} ${path} is somebody else's, and a connection is tried at that path before it is made live. Rename or delete it, and run this again.`,
  );
}

/**
 * Removes a candidate, also one that a job which died has left behind. What stands at its path without being a candidate is left
 * alone, also with a candidate's variable beside it, which Windmill deletes by itself after a day.
 */
export async function removeCandidate(windmill: Windmill, path: string): Promise<void> {
  const resource = await resources.findResource(windmill, path);
  if (resource !== null && resource.description !== CANDIDATE_DESCRIPTION) return;
  if (resource !== null) await resources.deleteResourceOnly(windmill, path);
  const variable = await variables.findVariable(windmill, path);
  if (variable?.description === CANDIDATE_DESCRIPTION) await variables.deleteVariable(windmill, path);
}
