import "eventsource-parser@3.1.1";
import "windmill-client@1.818.0";
import "zod@4.6.7";
import { checkConnection } from "./checking.ts";
import { type FleetRow, type MemberInput, rowOf, unknownRow } from "./fleet.ts";
import { SILENT } from "./progress.ts";
import type { Secret } from "./secret.ts";
import { type JobEnvironment, openWindmill, type Windmill } from "./windmill.ts";
import { readSecret } from "./workspace/variables.ts";

/** The check of one workspace of the fleet, with that workspace's own token. */

/** Checks a workspace, silently: iterations run side by side by the dozen. It never throws: whatever goes wrong is that workspace's line. */
export async function checkMember(environment: JobEnvironment, input: MemberInput): Promise<FleetRow> {
  const home = openWindmill(environment);
  try {
    const { secret } = await readSecret(home, input.token_path);
    const report = await checkConnection(openAway(environment, home, input, secret), { depth: input.depth }, SILENT);
    return rowOf(input.workspace, report);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return unknownRow(
      input.workspace,
      `${why} Is the token in ${input.token_path} valid, and of a member of ${input.workspace}?`,
    );
  }
}

/** Windmill as a token of another workspace sees it. Job, identity and links stay those of the fleet's run. */
function openAway(environment: JobEnvironment, home: Windmill, input: MemberInput, token: Secret): Windmill {
  const away = openWindmill(
    { ...environment, WM_WORKSPACE: input.workspace, WM_TOKEN: token.unwrap() },
    input.server_url,
  );
  return { ...away, runUrl: home.runUrl };
}
