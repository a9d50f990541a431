import { examine } from "../check/check.ts";
import { runLink } from "../core/links.ts";
import type { Secret } from "../core/secret.ts";
import type { Finding } from "../core/shapes.ts";
import { classify } from "../diagnose/match.ts";
import { finding } from "../diagnose/wording.ts";
import { UNRECOGNISED } from "../table/table.ts";
import { SILENT } from "../windmill/progress.ts";
import { readSecret } from "../windmill/variables.ts";
import { isNotFound, type JobEnvironment, openWindmill, type Windmill, WindmillError } from "../windmill/windmill.ts";
import { type FleetRow, type MemberInput, namedRow, rowOf, unknownRow } from "./fleet.ts";

/** The check of one workspace of the fleet, with that workspace's own token. */

/** Checks a workspace, silently: iterations run side by side by the dozen. It never throws: whatever goes wrong is that workspace's line. */
export async function checkMember(environment: JobEnvironment, home: Windmill, input: MemberInput): Promise<FleetRow> {
  const run_url = runLink(home, home.jobId);
  const row = await lineOf(environment, home, input);
  return run_url === "" ? row : { ...row, run_url };
}

async function lineOf(environment: JobEnvironment, home: Windmill, input: MemberInput): Promise<FleetRow> {
  const { workspace, token_path, depth } = input;
  let token: Secret;
  try {
    token = (await readSecret(home, token_path)).secret;
  } catch (error) {
    const missing = isNotFound(error) ? `There is no variable ${token_path} that this run may read.` : wordsOf(error);
    return unknownRow(workspace, missing, `Store a token of a member of ${workspace} there.`);
  }
  try {
    const { report } = await examine(openAway(environment, home, input, token), { depth }, SILENT);
    return rowOf(workspace, report);
  } catch (error) {
    const known = error instanceof WindmillError ? diagnosed(error) : null;
    if (known !== null) return namedRow(workspace, known);
    const advice = `Is the token in ${token_path} valid, and of a member of ${workspace}?`;
    return unknownRow(workspace, wordsOf(error), advice);
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What the diagnosis table makes of a refusal of Windmill itself; null where it knows none with these words. */
function diagnosed({ status, said }: WindmillError): Finding | null {
  const failure = status === null ? { failure: { kind: "network" as const, message: said } } : {};
  const outcome = { status, content_type: "text/plain", body: said, truncated: false, ms: 0, ...failure };
  const { code } = classify({ outcome, route: null, kind: null, model: null });
  return code === UNRECOGNISED ? null : finding(code, [{ text: said, status }]);
}

/** Windmill as a token of another workspace sees it. Job, identity and links stay those of the fleet's run. */
function openAway(environment: JobEnvironment, home: Windmill, input: MemberInput, token: Secret): Windmill {
  const away = openWindmill(
    { ...environment, WM_WORKSPACE: input.workspace, WM_TOKEN: token.unwrap() },
    input.server_url,
    home.secrets,
  );
  return { ...away, runUrl: home.runUrl };
}
