import * as z from "zod";
import { choice, path, runnable } from "./fields.ts";

/** Whose body a webhook gets; `auto`: by its host, and plain JSON for a host that nobody knows. */
export const WEBHOOK_FORMATS = [
  ...(["auto", "slack", "discord", "teams", "mattermost", "json"] as const),
  ...(["pagerduty", "alertmanager", "ntfy"] as const),
] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** Whom the health flow tells. */
export const AlertInput = z.object({
  /** Path of the secret variable with the webhooks' addresses or routing keys, one per line; "" for none. */
  alert_webhook_path: path,
  /** Null where nothing was chosen. */
  webhook_format: choice(WEBHOOK_FORMATS),
  /** `script/<path>` or `flow/<path>`; "" for none. */
  alert_runnable: runnable,
});
export type AlertInput = z.infer<typeof AlertInput>;
