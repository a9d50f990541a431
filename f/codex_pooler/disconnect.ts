import "eventsource-parser@3.1.1";
import "windmill-client@1.818.0";
import "zod@4.6.7";
import { disconnect } from "./lib/disconnecting.ts";
import { DisconnectInput, parseInputs } from "./lib/inputs.ts";
import { renderChange } from "./lib/report_html.ts";
import { run } from "./lib/running.ts";

/**
 * Takes the connection out of the workspace: the provider in the AI settings, and the schedule, resource, secret and records that
 * this product made. With mode "plan" it changes nothing. Returns a {@link ChangeReport} with its rendering.
 *
 * @throws InputError for input that cannot be used, before anything is touched; Error when a change fails, after putting back
 *   those before it.
 */
export async function main(
  mode: "plan" | "apply" = "plan",
  default_model?: string,
  metadata_model?: string,
  keep_records: boolean = false,
  plan_id?: string,
  server_url?: string,
) {
  const input = parseInputs(DisconnectInput, {
    mode,
    default_model,
    metadata_model,
    keep_records,
    plan_id,
    server_url,
  });
  return run(input.server_url, renderChange, (windmill, progress) => disconnect(windmill, input, progress));
}
