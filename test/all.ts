import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { PROGRAMS, ROOT, runProgram } from "../tools/shared/programs.ts";
import { copySyncTree } from "../tools/shared/sync_tree.ts";
import { withTemporaryFolder } from "../tools/shared/temporary.ts";
import { checkPage } from "../tools/svelte_check.ts";
import { readTestCounts, type TestCounts } from "../tools/test_counts.ts";
import { findBrowser, NO_BROWSER } from "./browser/browser.ts";

/**
 * `npm test`: everything that must hold of the repository. All steps run, whatever the earlier ones say; the last line is the
 * count of the tests. Exit code 0 when every step passed, else 1.
 */

interface Step {
  name: string;
  /** Runs the step, shows its output, and returns whether it passed. */
  run: () => Promise<boolean>;
}

const show = (text: string): void => void process.stdout.write(text);

/** Runs a program in the repository and shows what it prints. */
async function passes(argv: readonly string[], cwd = ROOT): Promise<boolean> {
  const { status } = await runProgram(argv, { cwd, onOutput: show });
  return status === 0;
}

/** One of the repository's own TypeScript tools. */
const tool = (script: string, ...args: string[]): readonly string[] => [
  process.execPath,
  "--import",
  "tsx",
  join(ROOT, script),
  ...args,
];

/** wmill's own check of flows, metadata and locks. It needs no server; a copy keeps it from writing into the repository. */
const lint = (): Promise<boolean> =>
  withTemporaryFolder(async (folder) => {
    const tree = join(folder, "tree");
    await copySyncTree(ROOT, tree);
    return passes([...PROGRAMS.wmill, "--config-dir", join(folder, "config"), "lint", "--locks-required"], tree);
  });

const counts: TestCounts = { passed: 0, failed: 0, skipped: 0 };

/** The tests of some folders, as one run of Node's test runner. */
async function tests(...folders: string[]): Promise<boolean> {
  const found = folders.map(async (folder) => {
    const files = existsSync(join(ROOT, folder)) ? await readdir(join(ROOT, folder)) : [];
    return files.filter((file) => file.endsWith(".test.ts")).map((file) => `${folder}/${file}`);
  });
  const files = (await Promise.all(found)).flat().sort();
  const node = [process.execPath, "--import", "tsx", "--test", "--test-reporter=spec", "--test-concurrency=2"];
  const run = await runProgram([...node, ...files], { cwd: ROOT, onOutput: show });
  const read = readTestCounts(stripVTControlCharacters(run.stdout));
  // A run that broke down without counting is a failure, never "0 failed".
  const { passed, failed, skipped } = read ?? { passed: 0, failed: 1, skipped: 0 };
  counts.passed += passed;
  counts.failed += failed;
  if (skipped > 0) show(`\n${skipped} test(s) were skipped: every test has to run.\n`);
  return run.status === 0 && passed > 0 && skipped === 0;
}

/** The dashboard in a browser. Only a developer's machine may be without one. */
async function browserTests(): Promise<boolean> {
  if (findBrowser() !== undefined) return tests("test/browser");
  const excused = process.env.CI === undefined;
  show(`${excused ? "SKIPPED" : "FAILED"}: the dashboard's page was not tested. ${NO_BROWSER}\n`);
  return excused;
}

const STEPS: readonly Step[] = [
  { name: "Type check", run: () => passes([...PROGRAMS.tsc, "-p", "."]) },
  { name: "Type check of the page", run: () => checkPage(show) },
  { name: "Linter and formatter", run: () => passes([...PROGRAMS.biome, "check", "--error-on-warnings"]) },
  { name: "Pins, locks, forms, wmill.yaml", run: () => passes(tool("tools/metadata.ts", "--check")) },
  { name: "wmill lint", run: lint },
  { name: "Generated documents", run: () => passes(tool("tools/diagnoses_doc.ts", "--check")) },
  { name: "Tests", run: () => tests("test/unit", "test/contract", "test/e2e") },
  { name: "Tests in a browser", run: browserTests },
];

const results: { name: string; passed: boolean; seconds: string }[] = [];
for (const { name, run } of STEPS) {
  show(`\n=== ${name}\n`);
  const started = performance.now();
  const passed = await run();
  results.push({ name, passed, seconds: ((performance.now() - started) / 1000).toFixed(1) });
}

const width = Math.max(...results.map(({ name }) => name.length));
show("\n=== Summary\n");
for (const { name, passed, seconds } of results) {
  show(`${passed ? "ok    " : "FAILED"}  ${name.padEnd(width)}  ${seconds.padStart(6)} s\n`);
}
show(`\n${counts.passed} passed, ${counts.failed} failed\n`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
