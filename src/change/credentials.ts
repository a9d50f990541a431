import { asRecord } from "../core/json.ts";
import { viewSettings } from "../observe/ai_settings.ts";
import type { Change } from "./change.ts";
import type { Live } from "./detour.ts";

/** Whether a plan changes what Windmill's processes remember of a connection: its address, its key, its headers. Pure. */

/** Everything of a resource's value that goes into a request. */
const sent = (value: unknown): string => {
  const { base_url, baseUrl, api_key, apiKey, headers, organization_id } = asRecord(value);
  return JSON.stringify([base_url || baseUrl, api_key || apiKey, headers, organization_id]);
};

const pathIn = (settings: unknown): string => viewSettings(asRecord(settings)).connection?.resource_path ?? "";

/** Whether users' requests go with another address, key or headers afterwards than before. */
export const altersCredentials = (changes: readonly Change[], live: Live | null): boolean =>
  live !== null &&
  changes.some(
    (change) =>
      (change.kind === "replace-secret" && change.path === live.secret_path) ||
      (change.kind === "replace-resource" &&
        change.path === live.resource.path &&
        sent(change.after) !== sent(live.resource.value)) ||
      (change.kind === "save-ai-settings" && pathIn(change.after) !== live.resource.path),
  );

/** The resource that users' requests go through afterwards. */
export const pathAfter = (changes: readonly Change[], live: Live): string => {
  const saved = changes.findLast((change) => change.kind === "save-ai-settings");
  return (saved && pathIn(saved.after)) || live.resource.path;
};
