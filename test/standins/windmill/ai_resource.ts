import { type Actor, canRead } from "./access.ts";
import type { Credentials } from "./ai_credentials.ts";
import { badRequest, notFound } from "./errors.ts";
import type { Context } from "./http.ts";
import { plainValue } from "./secrets.ts";
import { optional, type Read, readStored, record, type Shape, string, struct, variant } from "./shape.ts";
import type { Workspace } from "./store.ts";
import { guardUrl } from "./url_guard.ts";

/** The AI resource with a key. Unknown keys are ignored, whatever the resource's type. */
const STANDARD = struct("AIStandardResource", {
  base_url: optional(string),
  baseUrl: optional(string),
  api_key: optional(string),
  apiKey: optional(string),
  organization_id: optional(string),
  region: optional(string),
  platform: { ...variant(["standard", "google_vertex_ai"]), optional: true },
  headers: { ...(record(string, string) as Shape<Record<string, string>>), optional: true },
});

/** The AI resource with a client and a token URL, which is recognised first and never has a base URL. */
const OAUTH = struct("AIOAuthResource", { client_id: string, client_secret: string, token_url: string });

/**
 * Reads an AI resource and what it refers to. With `actor`, under that person's rights (`X-Resource-Path`); without, nobody's
 * rights count. Only the key and the organization may be `$var:` references.
 * @throws ApiError
 */
export function resolveCredentials(
  { process, network, store }: Context,
  workspace: Workspace | undefined,
  path: string,
  actor: Actor | undefined,
): Credentials {
  const resource = workspace?.resources.get(path);
  if (!workspace || !resource || (actor && !canRead(workspace, actor, path, resource.extraPerms))) {
    throw notFound(`Could not find the resource ${path}, update the resource path in the workspace settings`);
  }
  if (resource.value === undefined) throw badRequest(`Empty resource value for ${path}`);
  const isOauth = readStored(resource.value, OAUTH) !== undefined;
  const value: Partial<Read<typeof STANDARD>> | undefined = isOauth ? {} : readStored(resource.value, STANDARD);
  if (!value) throw badRequest("data did not match any variant of untagged enum AIResource");
  const baseUrl = value.base_url || value.baseUrl;
  if (!baseUrl) throw badRequest("CustomAI provider requires a base URL in the resource");
  guardUrl(process, network, baseUrl, store.release);
  const resolve = (text: string | undefined) => (text ? variableOrSelf(workspace, actor, text) : undefined);
  return {
    baseUrl,
    apiKey: resolve(value.api_key || value.apiKey),
    organizationId: resolve(value.organization_id),
    headers: value.headers ?? {},
  };
}

function variableOrSelf(workspace: Workspace, actor: Actor | undefined, text: string): string {
  if (!text.startsWith("$var:")) return text;
  const path = text.slice("$var:".length);
  const variable = workspace.variables.get(path);
  if (!variable || (actor && !canRead(workspace, actor, path, variable.extraPerms))) {
    throw notFound(`Variable not found when resolving \`${text}\``);
  }
  return plainValue(workspace, variable);
}
