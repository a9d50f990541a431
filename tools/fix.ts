import { PROGRAMS, ROOT, runProgram } from "./shared/programs.ts";

/**
 * `npm run fix`: formats what is here, orders imports, makes the linter's safe corrections, and builds what is deployed. Exit
 * code 0 when nothing is left to correct by hand.
 */
const steps = [
  [...PROGRAMS.biome, "check", "--write", "--error-on-warnings"],
  [process.execPath, "--import", "tsx", "tools/build.ts"],
];
for (const argv of steps) {
  const { status } = await runProgram(argv, { cwd: ROOT, onOutput: (text) => void process.stdout.write(text) });
  if (status !== 0) process.exitCode = 1;
}
