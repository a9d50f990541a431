import type { Release } from "./store.ts";

/** Windmill's own error answers are `text/plain`; those of its web framework (bad JSON, missing token) carry a charset. */
const OWN = "text/plain";
const FRAMEWORK = "text/plain; charset=utf-8";

/** An answer that is not a success. Thrown anywhere in a handler, sent by the server as it is. */
export class ApiError extends Error {
  readonly status: number;
  readonly contentType: string;

  constructor(status: number, message: string, contentType = OWN) {
    super(message);
    this.status = status;
    this.contentType = contentType;
  }
}

export const badRequest = (why: string) => new ApiError(400, `Bad request: ${why}`);
export const notFound = (what: string) => new ApiError(404, `Not found: ${what}`);
export const notAuthorized = (why: string) => new ApiError(401, `Not authorized: ${why}`);
/** `line` is the place in Windmill's source that the text names; it changes with every release. */
export const internal = (why: string, line: string) => new ApiError(500, `Internal: ${why} @${line}`);
export const permissionDenied = (why: string) => new ApiError(403, `Permission denied: ${why}`);
export const requireAdminFailed = (username: string) => new ApiError(403, `Require Admin privileges for ${username}`);
/** What PostgreSQL said, where Windmill passes it on. */
export const sqlError = (text: string, line: string) => new ApiError(400, `SqlErr: ${text} @${line}`);
/** A gateway's 4xx or 5xx: its raw body, its status lost. */
export const upstreamRefused = (body: string) => new ApiError(400, body);
export const tokenMissing = () => new ApiError(401, "Unauthorized", FRAMEWORK);
export const notJson = (why: string) =>
  new ApiError(400, `Failed to parse the request body as JSON: ${why}`, FRAMEWORK);
export const wrongShape = (why: string) =>
  new ApiError(422, `Failed to deserialize the JSON body into the target type: ${why}`, FRAMEWORK);

/** The refusal of a write that row-level security does not allow. */
export function writeRefused(release: Release, table: string, line: string): ApiError {
  if (release === "1.743.0") {
    return sqlError(
      `error returned from database: new row violates row-level security policy for table "${table}"`,
      line,
    );
  }
  return notAuthorized("You don't have write permission at this path");
}

/** The refusal of a path that is not `u/<user>/<name>`, `f/<folder>/<name>` or `g/<group>/<name>`. */
export function badPath(release: Release, table: string, line: string): ApiError {
  if (release === "1.743.0") {
    return sqlError(
      `error returned from database: new row for relation "${table}" violates check constraint "proper_id"`,
      line,
    );
  }
  return badRequest(
    "Invalid path: it must be of the form u/<user>/<name>, f/<folder>/<name> or g/<group>/<name>, where every segment contains only alphanumeric characters, '_' or '-'",
  );
}
