import { besidePath } from "./paths.ts";

/**
 * Items that stand in the workspace only while a change is tried or made, each beside what it is for. One of such a name without
 * the description is somebody else's, and is left alone. Pure.
 */

/** How each is known for what it is. */
export const CANDIDATE_DESCRIPTION = "Temporary: f/codex_pooler tries a connection before it makes it live";
export const COPY_DESCRIPTION = "Temporary: f/codex_pooler changes the connection, and people use this copy meanwhile";
export const PREVIOUS_DESCRIPTION =
  "Temporary: f/codex_pooler/rotate_key keeps the old key until the new one has proven itself";

/** Where a connection is tried before it is live: resource and variable share this path. */
export const candidatePath = (resourcePath: string): string => besidePath(resourcePath, "codex_pooler_candidate");

/** Where the copy of a connection stands that people use during a change of several parts: resource and variable share this path. */
export const copyPath = (resourcePath: string): string => besidePath(resourcePath, "codex_pooler_in_change");

/** Where the old key is kept while it is rotated. */
export const previousPath = (secretPath: string): string => besidePath(secretPath, "codex_pooler_previous_key");

/** Whether a resource's path is that of a candidate or a copy. */
export const isTemporaryPath = (path: string): boolean => [copyPath(path), candidatePath(path)].includes(path);

/** Milliseconds after which Windmill itself deletes an old key that a rotation has left: long enough to be the way back. */
export const PREVIOUS_LIFETIME_MS = 7 * 86_400_000;
