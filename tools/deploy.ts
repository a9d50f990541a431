import { createInterface } from "node:readline/promises";
import { BUNDLE } from "./build/deployed.ts";
import { appPage, type Conversation, deploy, scriptPage } from "./deploy/deploy.ts";
import { readFlags, readTarget } from "./shared/arguments.ts";
import { EXIT, runCommand } from "./shared/command.ts";
import { UsageError } from "./shared/errors.ts";
import { ROOT } from "./shared/programs.ts";
import { withoutToken } from "./shared/windmill_api.ts";

const USAGE = `Usage: WM_TOKEN=<token> npm run deploy -- --base-url <url> --workspace <id> [--dry-run] [--prune] [--yes]

  --base-url   Windmill's address, e.g. https://windmill.example.com
  --workspace  id of the workspace
  --dry-run    show what would be created and updated, and stop
  --prune      also archive scripts that a past release had put there and this one no longer has; --yes alone never does
  --yes        do not ask; needed where nobody can answer
  WM_TOKEN     token of a workspace admin, from the environment only

Exit code: 0 deployed, or nothing to do; 1 the push failed or left a difference; 2 wrong arguments, or not confirmed;
3 refused before anything was changed.`;

async function main(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, { values: ["base-url", "workspace"], switches: ["dry-run", "prune", "yes", "help"] });
  if (flags.switches.has("help")) {
    console.log(USAGE);
    return EXIT.done;
  }
  const target = readTarget(flags.values, process.env, flags.slips);
  if (flags.slips.length > 0) throw new UsageError(flags.slips, USAGE);

  const talk: Conversation = {
    say: (line) => console.log(withoutToken(line, target.token)),
    confirm: async () => flags.switches.has("yes") || askOnTerminal(),
  };
  const outcome = await deploy(
    target,
    { root: ROOT, dryRun: flags.switches.has("dry-run"), prune: flags.switches.has("prune") },
    talk,
  );
  if (outcome === "declined") {
    console.error("Not confirmed, so nothing was changed. Answer y, or add --yes where nobody can answer.");
    return EXIT.usage;
  }
  if (outcome !== "planned") {
    console.log(
      `\nNext: connect the workspace to your gateway with this form:\n  ${scriptPage(target, `${BUNDLE}/connect`)}` +
        `\nThe dashboard, which others see once you share that app with them (Share > g/all, read):\n  ${appPage(target, `${BUNDLE}/dashboard`)}`,
    );
  }
  return EXIT.done;
}

async function askOnTerminal(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Deploy this? [y/N] ");
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

await runCommand(main);
