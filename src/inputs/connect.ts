import * as z from "zod";
import { SELF_REPAIR } from "../core/self_repair.ts";
import { AlertInput } from "./alert.ts";
import { apiKey, baseUrl, blankable, ChangeInput, choice, flag, headers, models, path } from "./fields.ts";
import { changeFields, type Form, moreOptions } from "./form.ts";
import { ScopeInput, scopeFields } from "./scope.ts";
import { Watch } from "./watch.ts";

/** How often the health flow may run, and the six-field cron expression (seconds first) for it. */
export const SCHEDULES = {
  "every 5 minutes": "0 */5 * * * *",
  "every 10 minutes": "0 */10 * * * *",
  "every 15 minutes": "0 */15 * * * *",
  hourly: "0 0 * * * *",
} as const;
export type ScheduleChoice = keyof typeof SCHEDULES | "off";

/** The model id that stands for every model that the gateway lists. */
export const EVERY_MODEL = "*";

/** Inputs of `connect`. In a workspace that is connected, a blank means what is there; else the default. */
export const ConnectInput = z.object({
  base_url: baseUrl,
  /** Null: the key that is stored already. */
  api_key: apiKey.transform((key) => (key === "stored" ? null : key)),
  secret_path: path,
  resource_path: path,
  models: models.superRefine((ids, context) => {
    const message = `"${EVERY_MODEL}" stands for every model that the gateway lists, so it stands alone. Remove it or the others.`;
    if (ids.includes(EVERY_MODEL) && ids.length > 1) context.addIssue({ code: "custom", message });
  }),
  default_model: blankable,
  metadata_model: blankable,
  headers,
  /** What the health flow may mend by itself; null leaves it as it is. */
  self_repair: choice(SELF_REPAIR),
  /** Null leaves an existing schedule alone. */
  schedule: choice<ScheduleChoice>(["off", ...(Object.keys(SCHEDULES) as (keyof typeof SCHEDULES)[])]),
  replace_secret: flag,
  ...AlertInput.shape,
  ...ChangeInput,
  ...ScopeInput,
  /** How the health flow watches; what is not given stays as it is. */
  watch: Watch,
});
export type ConnectInput = z.infer<typeof ConnectInput>;

/** What `connect` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: connect Windmill AI",
  description: `Connects this workspace's **Windmill AI** (chat, script and flow assistance, fixes, summaries, form filling) to a Codex Pooler gateway, or to any OpenAI-compatible server.

Run it with mode **plan** first: it changes nothing and shows what it would change, and a link that applies exactly that. **apply** tries the gateway beside the live connection, makes the changes, and checks the result the way people's requests go; if it does not work, everything is put back.

In a workspace that is connected already, fill in only what shall change: whatever is left blank stays as it is.

Needs an admin of the workspace. Everything else in the AI settings stays as it is.`,
  timeout_s: 600,
  keeps: { models_by_hand: { of: ["models", "default_model", "metadata_model"], besides: [EVERY_MODEL] } },
  fields: {
    base_url: {
      format: "uri",
      title: "Gateway URL",
      description: "The gateway's OpenAI-compatible API, ending in /v1. Blank: the present one.",
      placeholder: "https://codex-pooler.example.com/v1",
    },
    api_key: {
      password: true,
      title: "Pool API key",
      description:
        "A key made for Windmill alone (sk-cxp-...). It is stored in a secret variable. Leave it blank to use the key that is stored already.",
      default: "",
    },
    default_model: {
      title: "Default model",
      description: "Model of the chat. Offered is what the gateway lists for this address and key.",
      default: "",
    },
    schedule: {
      title: "Check it",
      description:
        "How often the health flow checks the connection. A new schedule runs as you, an existing one goes on as who it runs as. Blank: leave it as it is.",
    },
    mode: changeFields.mode,
    more: moreOptions,
    models: {
      title: "Models",
      description: "What people may choose. Empty: those that are enabled now; on a first connect every model.",
      default: [],
      more: true,
    },
    metadata_model: {
      title: "Metadata model",
      description: "Model for summaries, names and form filling.",
      default: "",
      more: true,
    },
    models_by_hand: {
      title: "Models by hand",
      description: "Ids to offer above although the gateway does not list them. Choose them there.",
      default: [],
      more: true,
    },
    replace_secret: {
      title: "Replace the stored key",
      description: "Overwrite the key that the secret variable holds now. Windmill keeps no history of variables.",
      default: false,
      more: true,
    },
    secret_path: {
      title: "Secret variable",
      description:
        "Path of the secret variable that holds the key, without $var:. Blank: the present one; on a first connect u/<you>/codex_pooler_windmill_codegen.",
      default: "",
      more: true,
    },
    resource_path: {
      title: "Resource",
      description:
        "Path of the customai resource. Blank: the present one; on a first connect u/<you>/codex_pooler_windmill_codegen.",
      default: "",
      more: true,
    },
    headers: {
      title: "Headers",
      description:
        'Routing metadata for a proxy in front of the gateway, e.g. {"x-forwarded-proto": "https"}. Empty: the present ones. {"-": ""}: none any more. A credential that the proxy asks for is readable in the resource: write "$var:<path of a secret variable>" as its value, so that it is not in this run too.',
      default: {},
      more: true,
    },
    alert_webhook_path: {
      title: "Webhook for alerts",
      description:
        "Path of a secret variable that holds the address of an incoming webhook, or several, one per line; for PagerDuty the routing key. The scheduled check posts there when the status changes.",
      placeholder: "u/admin/alert_webhook",
      default: "",
      more: true,
    },
    webhook_format: {
      title: "Kind of webhook",
      description:
        "auto: by its host, and plain JSON for a host that nobody knows (Mattermost, Alertmanager or ntfy on your own host: choose it; a routing key: pagerduty). Blank: leave it as it is.",
      more: true,
    },
    alert_runnable: {
      title: "Script or flow for alerts",
      description:
        "script/ or flow/ and a path of this workspace. It is run with the argument alert: for e-mail or a copy of a Hub script.",
      placeholder: "script/f/team/page_oncall",
      default: "",
      more: true,
    },
    self_repair: {
      title: "Mend by itself",
      description:
        "What the scheduled check may mend while nobody looks. settings: what others changed, lost default models, slips in the address. models: also models that are gone. Never a key. It is done with the rights of the admin whom the schedule runs as, and told. Blank: leave it as it is (off at first).",
      more: true,
    },
    ...scopeFields,
    watch: {
      title: "How the health flow watches",
      description:
        'What is not given stays as it is: failures_before_alert (2), successes_before_recovery (2), remind_every (24 hours, 0: never), chat_every (60 minutes), fail_job_when (never, down, degraded). E.g. {"remind_every": 4}.',
      default: {},
      more: true,
    },
    plan_id: changeFields.plan_id,
    server_url: changeFields.server_url,
  },
};
