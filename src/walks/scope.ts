import type { ChangeReport, CheckReport } from "../core/report.ts";
import { InputError } from "../inputs/parse.ts";
import { viewSettings } from "../observe/ai_settings.ts";
import { ADMINS, openInstance, tokenAt } from "../windmill/instance.ts";
import type { Progress } from "../windmill/progress.ts";
import { readWorkspaceAiSettings } from "../windmill/settings.ts";
import { deleteVariable, findVariable } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";

/** What a command is about: the workspace that it runs in, or the whole instance. */

/** The inputs that say it. */
interface Scoped {
  scope: "workspace" | "instance";
  superadmin_token_path: string;
  delete_token?: boolean;
}

type Walk<Input, Report> = (windmill: Windmill, input: Input, progress: Progress) => Promise<Report>;

/**
 * A walk that can be about the instance: it then goes through the same steps in the workspace `admins`, and what it reads and saves are
 * the instance's AI settings.
 *
 * @throws InputError outside `admins`, without a superadmin's token, or where the instance's settings cannot be read, before anything
 *   is touched.
 */
export const inScope =
  <Input extends Scoped, Report extends ChangeReport | CheckReport>(walk: Walk<Input, Report>): Walk<Input, Report> =>
  async (windmill, input, progress) => {
    if (input.scope === "workspace") return walk(windmill, input, progress);
    const path = input.superadmin_token_path;
    const report = await walk(await openScope(windmill, path), input, progress);
    const changes = "mode" in report && report.mode === "apply";
    if (!input.delete_token || !changes) return report;
    return { ...report, notes: [...report.notes, await forgetToken(windmill, path)] };
  };

async function openScope(windmill: Windmill, path: string): Promise<Windmill> {
  if (windmill.workspace !== ADMINS) {
    throw new InputError([
      `scope: the instance's AI settings are administrated in the workspace ${ADMINS}, where their resource lives. This is ${windmill.workspace}: deploy f/codex_pooler to ${ADMINS} and run it there.`,
    ]);
  }
  if (path === "") {
    throw new InputError([
      "superadmin_token_path: is missing. A job's own token may not touch the instance's settings, so this needs the path of a secret variable in admins that holds a superadmin's token. Make one that ends soon.",
    ]);
  }
  await requireSecret(windmill, path);
  const instance = await openInstance(windmill, await tokenAt(windmill, path), path);
  // Settings that nobody can read are no ground to build on.
  await instance.readAiSettings();
  await requireFollower(windmill);
  return { ...windmill, instance };
}

async function requireSecret(windmill: Windmill, path: string): Promise<void> {
  const found = await findVariable(windmill, path);
  if (found?.is_secret === false) {
    throw new InputError([
      `superadmin_token_path: the variable ${path} is not secret, so everybody who may read it can act as a superadmin. Delete that token (Account settings > Tokens), make another one, and store it as a secret.`,
    ]);
  }
}

/** Only from a workspace that lives on the instance's settings can be seen what the others get. */
async function requireFollower(windmill: Windmill): Promise<void> {
  const { providers } = viewSettings(await readWorkspaceAiSettings(windmill));
  if (providers.length === 0) return;
  throw new InputError([
    `scope: the workspace ${ADMINS} has AI settings of its own (${providers.join(", ")}), so what other workspaces get cannot be tried from here. Take them out first: run f/codex_pooler/disconnect with scope workspace, or Workspace settings > Windmill AI.`,
  ]);
}

async function forgetToken(windmill: Windmill, path: string): Promise<string> {
  try {
    await deleteVariable(windmill, path);
    return `The variable ${path} is deleted. The token that was in it is valid until it ends: delete it under Account settings > Tokens.`;
  } catch (error) {
    return `The variable ${path} could not be deleted. ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Which workspaces a change of the instance's settings reaches, in sentences; none for a change of a workspace. */
export async function followerNotes({ instance }: Windmill): Promise<string[]> {
  if (instance === null) return [];
  const { follow, own, unseen } = await instance.followers();
  return [
    `Served by the instance's AI settings: ${follow.length > 0 ? named(follow) : "no workspace"}.`,
    ...(own.length > 0 ? [`With AI settings of their own, which stay as they are: ${named(own)}.`] : []),
    ...(unseen > 0 ? [`There are ${unseen} more workspaces, which were not looked at.`] : []),
  ];
}

const NAMED = 30;
const named = (ids: readonly string[]): string =>
  ids.length > NAMED ? `${ids.slice(0, NAMED).join(", ")} and ${ids.length - NAMED} more` : ids.join(", ");
