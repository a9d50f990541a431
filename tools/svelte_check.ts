import { join } from "node:path";
import { PROGRAMS, ROOT, runProgram } from "./shared/programs.ts";

/**
 * Checks the types of the dashboard's page: its .svelte files, and everything that they import.
 *
 * @returns whether there is nothing to complain about; warnings count.
 */
export async function checkPage(show: (text: string) => void): Promise<boolean> {
  const app = join(ROOT, "f/codex_pooler/dashboard__raw_app");
  const options = ["--tsconfig", join(ROOT, "test/browser/tsconfig.json"), "--fail-on-warnings", "--output", "human"];
  const run = await runProgram([...PROGRAMS.svelteCheck, "--workspace", app, ...options], {
    cwd: ROOT,
    onOutput: show,
  });
  return run.status === 0;
}
