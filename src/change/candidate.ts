import type { Tried } from "../check/check.ts";
import { besidePath } from "../core/paths.ts";
import { RESOURCE_TYPE } from "../core/resource_type.ts";
import type { Secret } from "../core/secret.ts";
import * as resources from "../windmill/resources.ts";
import * as variables from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { inWords } from "./commit.ts";

/**
 * A connection that is tried before it becomes the live one: a resource of its own, which only requests that name it
 * (X-Resource-Path) use. It is gone when the trial ends, whatever the outcome.
 */

/** Last segment of the candidate's path; it stands beside the resource that it is tried for. */
const CANDIDATE_NAME = "codex_pooler_candidate";
const CANDIDATE_DESCRIPTION = "Temporary: f/codex_pooler tries a connection before it makes it live";
/**
 * Milliseconds after which Windmill itself deletes a candidate's key, should the job die before it can. A day, because the
 * worker's clock and the server's need not agree.
 */
const CANDIDATE_LIFETIME_MS = 86_400_000;

/** The candidate's resource and variable share this path. */
export const candidatePath = (resourcePath: string): string => besidePath(resourcePath, CANDIDATE_NAME);

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

/**
 * Removes a candidate, also one that a job which died has left behind. What stands at its path without being a candidate is
 * left alone, and then the trial's own create fails.
 */
export async function removeCandidate(windmill: Windmill, path: string): Promise<void> {
  const resource = await resources.findResource(windmill, path);
  if (resource?.description === CANDIDATE_DESCRIPTION) await resources.deleteResourceOnly(windmill, path);
  const variable = await variables.findVariable(windmill, path);
  if (variable?.description === CANDIDATE_DESCRIPTION) await variables.deleteVariable(windmill, path);
}

/**
 * Stops a walk whose candidate does not work.
 *
 * @throws Error when users would be refused; nothing live has changed then.
 */
export function refuse({ findings }: Pick<Tried, "findings">): void {
  const blocking = findings.filter(({ severity }) => severity === "critical");
  if (blocking.length === 0) return;
  throw new Error(`Nothing was changed, because the connection would not work:\n${blocking.map(inWords).join("\n")}`);
}
