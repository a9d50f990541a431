import "eventsource-parser@3.1.1";
import "windmill-client@1.818.0";
import "zod@4.6.7";
import { parseInputs, UndoInput } from "./lib/inputs.ts";
import { renderChange } from "./lib/report_html.ts";
import { undo } from "./lib/undoing.ts";
import { run } from "./lib/running.ts";

/**
 * Puts the AI settings and the resource back as a change of this product found them, and lists the changes on record. With mode
 * "plan" it changes nothing. Returns a {@link ChangeReport} with its rendering.
 *
 * @throws InputError when there is nothing to undo, or when it would overwrite later work of somebody else; Error when users
 *   would be refused afterwards, with everything as it was.
 */
export async function main(
  mode: "plan" | "apply" = "plan",
  snapshot?: string,
  overwrite: boolean = false,
  plan_id?: string,
  server_url?: string,
) {
  const input = parseInputs(UndoInput, { mode, snapshot, overwrite, plan_id, server_url });
  return run(input.server_url, renderChange, (windmill, progress) => undo(windmill, input, progress));
}
