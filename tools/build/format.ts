import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PROGRAMS, runProgram } from "../shared/programs.ts";
import { withTemporaryFolder } from "../shared/temporary.ts";
import { BuildError } from "./bundle.ts";

/** Texts by file name, formatted as the sources are, so that people can read what is built. */
export function formatted(texts: ReadonlyMap<string, string>, root: string): Promise<Map<string, string>> {
  return withTemporaryFolder(async (folder) => {
    const { formatter } = JSON.parse(await readFile(join(root, "biome.json"), "utf8")) as { formatter: unknown };
    await writeFile(join(folder, "biome.json"), JSON.stringify({ formatter }));
    for (const [file, text] of texts) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    const run = await runProgram([...PROGRAMS.biome, "format", "--write", "."], { cwd: folder });
    if (run.status !== 0) throw new BuildError(`The formatter refused what was built:\n${run.stdout}${run.stderr}`);
    const read = [...texts.keys()].map(async (file) => [file, await readFile(join(folder, file), "utf8")] as const);
    return new Map(await Promise.all(read));
  });
}
