import type { Actor } from "./access.ts";
import { badRequest, permissionDenied } from "./errors.ts";

/**
 * What a token may do that was made for some purposes only: `domain:action[:resource]`, for runs `jobs:run:scripts:<path>`
 * (backend/windmill-api-auth/src/scopes.rs). Whoever has no such token may do what they may.
 */

interface Scope {
  domain: string;
  action: string;
  kind: string | undefined;
  resources: string[] | undefined;
}

/** Null for what is none. */
function readScope(text: string): Scope | null {
  const [domain = "", action = "", third, fourth, ...rest] = text.split(":");
  if (action === "" || rest.length > 0) return null;
  const ofRun = domain === "jobs" && action === "run";
  if (fourth !== undefined && !ofRun) return null;
  const resources = (ofRun ? fourth : third)?.split(",");
  return { domain, action, kind: ofRun ? third : undefined, resources };
}

/** Tags only choose workers: they restrict nothing else. */
const restricting = (scopes: readonly string[] | undefined): string[] =>
  (scopes ?? []).filter((scope) => !scope.startsWith("if_jobs:filter_tags:"));

const RUNS_SCRIPTS = ["jobs/run/p", "jobs/run/h", "jobs/run_wait_result/p", "jobs/run_wait_result/h"];
const RUNS_FLOWS = ["jobs/run/f", "jobs/run_wait_result/f"];
/** Domains whose routes are called otherwise; null for routes that belong to none. */
const DOMAINS: Readonly<Record<string, string | null>> = { jobs_u: "jobs", job_metrics: null };

/** Whether the token may come to the route at all (`check_route_access`). @throws ApiError 403 */
export function checkRoute({ scopes }: Actor, method: string, path: string): void {
  const needed = restricting(scopes);
  if (needed.length === 0) return;
  const suffix = path.replace(/^\/api\/(?:w\/[^/]+\/)?/, "");
  const [first = ""] = suffix.split("/");
  const domain = DOMAINS[first] === undefined ? first : DOMAINS[first];
  if (domain === null) throw badRequest(`Could not extract domain from route: ${path}`);
  const begins = (starts: readonly string[]): boolean => starts.some((start) => suffix.startsWith(start));
  const kind = begins(RUNS_FLOWS) ? "flows" : begins(RUNS_SCRIPTS) ? "scripts" : undefined;
  const action = kind !== undefined ? "run" : method === "GET" || method === "HEAD" ? "read" : "write";
  const grants = (scope: Scope): boolean => {
    if (scope.domain !== domain) return false;
    // Whoever may write or run may read, and of jobs all that the user may see.
    if (scope.action !== action && action !== "read") return false;
    return action !== "run" || scope.kind === undefined || scope.kind === kind;
  };
  if (needed.some((text) => grantedBy(text, grants))) return;
  throw permissionDenied(
    `Access denied. Required scope: ${[domain, action, ...(kind === undefined ? [] : [kind])].join(":")}`,
  );
}

/** Whether the token may run what is at the path (`check_scopes`). @throws ApiError 403 */
export function checkRun({ scopes }: Actor, kind: "scripts" | "flows", path: string): void {
  const needed = restricting(scopes);
  const includes = (scope: Scope): boolean =>
    scope.domain === "jobs" &&
    scope.action === "run" &&
    (scope.kind === undefined ||
      (scope.kind === kind && (scope.resources?.some((resource) => covers(resource, path)) ?? true)));
  if (needed.length === 0 || needed.some((text) => grantedBy(text, includes))) return;
  throw permissionDenied(`Required scope: jobs:run:${kind}:${path}`);
}

const grantedBy = (text: string, by: (scope: Scope) => boolean): boolean => {
  const scope = readScope(text);
  return scope !== null && by(scope);
};

/** `*`, the path itself, or a folder above it as `f/folder/*`. */
function covers(resource: string, path: string): boolean {
  if (resource === "*" || resource === path) return true;
  if (!resource.endsWith("/*")) return false;
  const prefix = resource.slice(0, -2);
  return path === prefix || path.startsWith(`${prefix}/`);
}
