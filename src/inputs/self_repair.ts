import * as z from "zod";
import { SELF_REPAIR } from "../core/self_repair.ts";
import { choice, httpUrl } from "./fields.ts";
import type { Form } from "./form.ts";

/** Inputs of the step of the health flow that mends by itself. */
export const SelfRepairInput = z.object({
  self_repair: choice(SELF_REPAIR).transform((given) => given ?? "off"),
  server_url: httpUrl,
});
export type SelfRepairInput = z.infer<typeof SelfRepairInput>;

/** What `self_repair` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: mend by itself (step of the health flow)",
  description: `Step of the flow **f/codex_pooler/health**: mends what its choice covers, as f/codex_pooler/repair does, when it was found often enough. It has no use on its own.`,
  timeout_s: 600,
  fields: {
    report: { title: "Report", description: "The result of f/codex_pooler/remember." },
    self_repair: { title: "Mend by itself", default: "off" },
    server_url: { title: "Server address", default: "" },
  },
};
