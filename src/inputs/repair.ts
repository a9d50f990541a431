import * as z from "zod";
import { SELF_REPAIR } from "../core/self_repair.ts";
import { ChangeInput, choice, flag, models, path } from "./fields.ts";
import { changeFields, type Form, moreOptions } from "./form.ts";
import { ScopeInput, scopeFields } from "./scope.ts";

/** What the health flow hands over. */
const DueRepair = z.object({
  /** Codes of findings, and marks of their causes. */
  codes: z.array(z.string()),
  causes: z.array(z.string()),
  /** The tick that found it. */
  at: z.iso.datetime(),
  choice: choice(SELF_REPAIR).transform((given) => given ?? "off"),
});

/** Inputs of `repair`. Blank texts mean "not given". */
export const RepairInput = z.object({
  /** How closely to look. Limits per request show with `features` only. */
  depth: choice(["chat", "features"]).transform((depth) => depth ?? "features"),
  /** Ids that no repair may choose. */
  exclude_models: models,
  /** Ids that were left out when the connection was made, and that a repair may choose all the same. */
  allow_models: models,
  /** Keeps what others have changed since the connection was made, and takes it for what is wanted from now on. */
  accept_drift: flag,
  /** The resource to use where the present one is not good. */
  resource_path: path,
  /** Where to store a key that stands in the resource. */
  secret_path: path,
  /** What the health flow has found due to be mended by itself; null for a person's repair. */
  due: z
    .union([z.object({}).strict(), DueRepair])
    .nullish()
    .transform((given) => (given && "codes" in given ? given : null)),
  ...ChangeInput,
  ...ScopeInput,
});
export type RepairInput = z.infer<typeof RepairInput>;

/** What `repair` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: repair",
  description: `Checks Windmill AI and **repairs what a script can repair**: models that are gone, a default model that was dropped, a wrong or missing resource path, slips in the gateway's URL, a key or a credential that lies open in the resource, headers that pin a session, token limits that the key cannot carry, a schedule that is off, and what others changed since connect.

Run it with mode **plan** first: it changes nothing and shows each change with its before and after. **apply** tries a changed resource beside the live one, makes the changes, and checks again. What only a person can repair is listed with its owner and remedy. Nobody is worse off afterwards, or everything is put back.

Needs an admin of the workspace. Other providers, prompts and limits stay as they are; a stored key is never overwritten.`,
  timeout_s: 600,
  fields: {
    mode: changeFields.mode,
    depth: {
      title: "Depth",
      description:
        "features: also what Windmill's features send, which shows limits per request. chat: one completion per model and route.",
      default: "features",
    },
    accept_drift: {
      title: "Accept what others changed",
      description:
        "Off: what differs from what connect was asked for is put back. On: it stays, and counts as what is wanted from now on.",
      default: false,
    },
    exclude_models: {
      title: "Never choose",
      description: "Models that must not stand in for one that is gone.",
      default: [],
    },
    more: moreOptions,
    allow_models: {
      title: "May choose",
      description: "Models that were left out when the connection was made, and that may stand in all the same.",
      default: [],
      more: true,
    },
    resource_path: {
      title: "Resource",
      description:
        "The customai resource to use, where the present one is missing or empty. Blank: the one that connect made, else one in a folder or of yours that answers.",
      default: "",
      more: true,
    },
    secret_path: {
      title: "Secret variable",
      description:
        "Where to store a key that stands in the resource. Blank: where connect was asked to. What is stored there already is never overwritten.",
      default: "",
      more: true,
    },
    plan_id: changeFields.plan_id,
    server_url: changeFields.server_url,
    due: {
      title: "For the health flow",
      description: "What the health flow has found due to be mended by itself. Leave it empty.",
      default: {},
      more: true,
    },
    ...scopeFields,
  },
};
