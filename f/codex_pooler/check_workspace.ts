import "eventsource-parser@3.1.1";
import "windmill-client@1.818.0";
import "zod@4.6.7";
import { MemberInput } from "./lib/fleet.ts";
import { checkMember } from "./lib/fleet_member.ts";
import { parseInputs } from "./lib/inputs.ts";
import { inert } from "./lib/report.ts";

/**
 * Step of the fleet flow, once per workspace: checks that workspace with its own token. Changes nothing. Returns one line of
 * the fleet's table; fails only for input it cannot use.
 *
 * @param token_path path of the secret variable, in this workspace, that holds a token for the other one.
 */
export async function main(
  workspace: string,
  token_path: string,
  server_url?: string,
  depth: "free" | "chat" | "features" = "free",
) {
  const input = parseInputs(MemberInput, { workspace, token_path, server_url, depth });
  return inert(await checkMember(process.env, input));
}
