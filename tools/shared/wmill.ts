import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { PROGRAMS, type Run, runProgram } from "./programs.ts";
import { type Target, withoutToken } from "./windmill_api.ts";

/** Variables that would make wmill choose another workspace, server or profile than the one that was asked for. */
const OVERRIDDEN = ["BASE_URL", "WMILL_CONFIG_DIR", "WM_WORKSPACE", "WM_TOKEN", "BASE_INTERNAL_URL"];

/**
 * Runs the real wmill in a folder that holds a copy of the repository's files (see `copySyncTree`).
 *
 * wmill takes server, workspace and token from the environment when its configuration folder is empty, so the token is
 * never on a command line and never stored.
 *
 * @param folder holds the copy in `tree` and gets an empty configuration folder beside it.
 * @param show called with the output line by line, without the token.
 */
export async function runWmill(
  target: Target,
  folder: string,
  args: readonly string[],
  show?: (line: string) => void,
): Promise<Run> {
  const inherited = Object.entries(process.env).filter(([name]) => !OVERRIDDEN.includes(name));
  const env = {
    ...Object.fromEntries(inherited),
    BASE_INTERNAL_URL: target.baseUrl,
    WM_WORKSPACE: target.workspace,
    WM_TOKEN: target.token,
  };
  let pending = "";
  const onOutput = (text: string): void => {
    const lines = (pending + text).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) show?.(clean(line, target.token));
  };
  const argv = [...PROGRAMS.wmill, "--config-dir", join(folder, "config"), ...args];
  const run = await runProgram(argv, { cwd: join(folder, "tree"), env, onOutput });
  if (pending !== "") show?.(clean(pending, target.token));
  return { ...run, stdout: clean(run.stdout, target.token), stderr: clean(run.stderr, target.token) };
}

/** wmill colours its output whatever it writes to. */
const clean = (text: string, token: string): string => withoutToken(stripVTControlCharacters(text), token);
