import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isPath } from "../src/core/paths.ts";
import { readMirror } from "./mirror/mirror.ts";
import { readFlags, readTarget } from "./shared/arguments.ts";
import { EXIT, runCommand } from "./shared/command.ts";
import { UsageError } from "./shared/errors.ts";
import { ROOT } from "./shared/programs.ts";

const USAGE = `Usage: WM_TOKEN=<token> npm run mirror -- --base-url <url> --workspace <id> [--resource <path>] [--root <folder>]

Writes the workspace's connection below u/ or f/ as wmill keeps it in files: <path>.resource.yaml, and <path>.variable.yaml
with the secret as Windmill encrypts it. Only the same workspace can use that ciphertext. The key itself is never read.

  --base-url   Windmill's address, e.g. https://windmill.example.com
  --workspace  id of the workspace
  --resource   path of the resource; by default that of the workspace's AI settings
  --root       folder to write into; by default this repository
  WM_TOKEN     token of a workspace admin, from the environment only

Exit code: 0 written; 1 it could not be written; 2 wrong arguments; 3 refused, nothing was written.`;

async function main(argv: readonly string[]): Promise<number> {
  const { values, switches, slips } = readFlags(argv, {
    values: ["base-url", "workspace", "resource", "root"],
    switches: ["help"],
  });
  if (switches.has("help")) {
    console.log(USAGE);
    return EXIT.done;
  }
  const target = readTarget(values, process.env, slips);
  const resource = values.get("resource");
  if (resource !== undefined && !isPath(resource)) {
    slips.push(
      "--resource is no path of Windmill: write u/<user>/<name> or f/<folder>/<name>, without $res: in front.",
    );
  }
  if (slips.length > 0) throw new UsageError(slips, USAGE);

  const root = values.get("root") ?? ROOT;
  for (const { file, text } of await readMirror(target, resource)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
    console.log(`Wrote ${file}`);
  }
  return EXIT.done;
}

await runCommand(main);
