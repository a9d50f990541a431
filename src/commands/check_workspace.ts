import { MemberInput } from "../fleet/fleet.ts";
import { checkMember } from "../fleet/member_check.ts";
import { parseInputs } from "../inputs/parse.ts";
import { answer } from "../windmill/run.ts";

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
  const inputs = { workspace, token_path, server_url, depth };
  return answer((home) => checkMember(process.env, home, parseInputs(MemberInput, inputs)));
}
