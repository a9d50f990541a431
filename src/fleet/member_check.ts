import { checkConnection } from "../check/check.ts";
import type { Secret } from "../core/secret.ts";
import { SILENT } from "../windmill/progress.ts";
import { readSecret } from "../windmill/variables.ts";
import { type JobEnvironment, openWindmill, type Windmill } from "../windmill/windmill.ts";
import { type FleetRow, type MemberInput, rowOf, unknownRow } from "./fleet.ts";

/** The check of one workspace of the fleet, with that workspace's own token. */

/** Checks a workspace, silently: iterations run side by side by the dozen. It never throws: whatever goes wrong is that workspace's line. */
export async function checkMember(environment: JobEnvironment, home: Windmill, input: MemberInput): Promise<FleetRow> {
  const { workspace, token_path, depth } = input;
  let token: Secret;
  try {
    token = (await readSecret(home, token_path)).secret;
  } catch (error) {
    return unknownRow(workspace, wordsOf(error), `Store a token of a member of ${workspace} there.`);
  }
  try {
    return rowOf(workspace, await checkConnection(openAway(environment, home, input, token), { depth }, SILENT));
  } catch (error) {
    const advice = `Is the token in ${token_path} valid, and of a member of ${workspace}?`;
    return unknownRow(workspace, wordsOf(error), advice);
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Windmill as a token of another workspace sees it. Job, identity and links stay those of the fleet's run. */
function openAway(environment: JobEnvironment, home: Windmill, input: MemberInput, token: Secret): Windmill {
  const away = openWindmill(
    { ...environment, WM_WORKSPACE: input.workspace, WM_TOKEN: token.unwrap() },
    input.server_url,
    home.secrets,
  );
  return { ...away, runUrl: home.runUrl };
}
