import { openAsMember } from "../check/as_member.ts";
import { checkConnection } from "../check/check.ts";
import { wishOfCheck } from "../health/due.ts";
import { CheckInput } from "../inputs/check.ts";
import { renderCheck } from "../pages/report.ts";
import { leadingToRepair } from "../walks/leading_on.ts";
import { run } from "../windmill/run.ts";

/**
 * Checks the connection as users reach it, over the server route and over the worker route, and says what is wrong, why, and
 * who can fix it. Changes nothing. Returns a {@link CheckReport} with its rendering; fails only for input it cannot use.
 *
 * @param depth `auto`: what is due, by the memory of the health flow.
 * @param chat_every minutes from one `chat` to the next, for `auto`; 60 by default.
 * @param member_token_path variable with a token of a member whose chat and AI agent steps are to be tried too.
 */
export async function main(
  depth: "free" | "chat" | "features" | "auto" = "chat",
  server_url?: string,
  chat_every?: number,
  member_token_path?: string,
) {
  const inputs = { depth, server_url, chat_every, member_token_path };
  return run({ schema: CheckInput, inputs, render: renderCheck }, async (windmill, input, progress) => {
    const member = input.member_token_path && (await openAsMember(windmill, input.member_token_path));
    return leadingToRepair(checkConnection)(
      windmill,
      { ...wishOfCheck(windmill, input), ...(member ? { member } : {}) },
      progress,
    );
  });
}
