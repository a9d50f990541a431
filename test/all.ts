import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { PROGRAMS, ROOT, runProgram } from "../tools/shared/programs.ts";
import { copySyncTree } from "../tools/shared/sync_tree.ts";
import { withTemporaryFolder } from "../tools/shared/temporary.ts";
import { checkPage } from "../tools/svelte_check.ts";
import { readTestCounts, type TestCounts } from "../tools/test_counts.ts";
import { findBrowser, NO_BROWSER } from "./browser/browser.ts";
import { monitoringFound, NO_MONITORING } from "./monitoring/programs.ts";

/**
 * `npm test`: everything that must hold of the repository. All steps run, whatever the earlier ones say; the last line is the
 * count of the tests. With words behind `--` it runs the test files whose path holds all of them or, where there is none, the
 * tests whose name does: `npm test -- walks/undo`, `npm test -- says so when somebody edits`. Exit code 0 when every step
 * passed, else 1.
 *
 * `npm run check` (`--quick`): only what takes seconds, types and lint.
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

/** Folders below test/ whose tests need a program that a developer's machine may be without. */
interface Equipped {
  name: string;
  folder: string;
  found: () => boolean;
  /** What is not tested without it, and how to get it. */
  missing: string;
}
const EQUIPPED: readonly Equipped[] = [
  {
    name: "Tests in a browser",
    folder: "test/browser/",
    found: () => findBrowser() !== undefined,
    missing: `the dashboard's page was not tested. ${NO_BROWSER}`,
  },
  {
    name: "Tests with Prometheus",
    folder: "test/monitoring/",
    found: monitoringFound,
    missing: `what Prometheus and Alertmanager get was not held against them. ${NO_MONITORING}`,
  },
];

/** All test files, as paths relative to the root. */
async function testFiles(): Promise<string[]> {
  const entries = await readdir(join(ROOT, "test"), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)).replaceAll("\\", "/"))
    .filter((file) => !file.startsWith("test/recordings/"))
    .sort();
}

/** Test files as one run of Node's test runner. */
async function tests(files: readonly string[], ...options: string[]): Promise<boolean> {
  const node = [process.execPath, "--import", "tsx", "--test", "--test-reporter=spec", "--test-concurrency=2"];
  const run = await runProgram([...node, ...options, ...files], { cwd: ROOT, onOutput: show });
  const read = readTestCounts(stripVTControlCharacters(run.stdout));
  // A run that broke down without counting is a failure, never "0 failed".
  const { passed, failed, skipped } = read ?? { passed: 0, failed: 1, skipped: 0 };
  counts.passed += passed;
  counts.failed += failed;
  counts.skipped += skipped;
  if (skipped > 0) show(`\n${skipped} test(s) were skipped: every test has to run.\n`);
  return run.status === 0 && passed > 0 && skipped === 0;
}

/** The tests that a developer asked for, by words of their paths or of their names. */
async function chosenTests(words: readonly string[]): Promise<boolean> {
  const files = await testFiles();
  const byPath = files.filter((file) => words.every((word) => file.includes(word)));
  if (byPath.length > 0) return tests(byPath);
  const name = words.join(" ");
  const texts = await Promise.all(files.map((file) => readFile(join(ROOT, file), "utf8")));
  const byName = files.filter((_, index) => texts[index]?.includes(name));
  if (byName.length > 0) return tests(byName, `--test-name-pattern=${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);
  show(`No test file has "${name}" in its path or in its text.\n`);
  return false;
}

/** Tests that need a program. Only a developer's machine may be without it. */
async function equippedTests({ name, folder, found, missing }: Equipped): Promise<boolean> {
  if (found()) return tests((await testFiles()).filter((file) => file.startsWith(folder)));
  const excused = process.env.CI === undefined;
  if (excused) skipped.add(name);
  show(`${excused ? "SKIPPED" : "FAILED"}: ${missing}\n`);
  return excused;
}

/** Tests that need nothing but Node. */
const plainTests = async (): Promise<boolean> =>
  tests((await testFiles()).filter((file) => !EQUIPPED.some(({ folder }) => file.startsWith(folder))));

/** Steps that a machine without a program is excused from. */
const skipped = new Set<string>();

const QUICK: readonly Step[] = [
  { name: "Type check", run: () => passes([...PROGRAMS.tsc, "-p", "."]) },
  { name: "Linter and formatter", run: () => passes([...PROGRAMS.biome, "check", "--error-on-warnings"]) },
];

const ALL: readonly Step[] = [
  ...QUICK,
  { name: "Type check of the page", run: () => checkPage(show) },
  { name: "What is deployed is built", run: () => passes(tool("tools/build.ts", "--check")) },
  { name: "wmill lint", run: lint },
  { name: "Generated documents", run: () => passes(tool("tools/diagnoses_doc.ts", "--check")) },
  { name: "Tests", run: plainTests },
  ...EQUIPPED.map((one) => ({ name: one.name, run: () => equippedTests(one) })),
];

const words = process.argv.slice(2).filter((word) => word !== "--quick");
const chosen = [{ name: `Tests of ${words.join(" ")}`, run: () => chosenTests(words) }];
const steps = process.argv.includes("--quick") ? QUICK : words.length > 0 ? chosen : ALL;

const results: { name: string; verdict: string; passed: boolean; seconds: string }[] = [];
for (const { name, run } of steps) {
  show(`\n=== ${name}\n`);
  const started = performance.now();
  const passed = await run();
  const verdict = !passed ? "FAILED" : skipped.has(name) ? "skipped" : "ok";
  results.push({ name, verdict, passed, seconds: ((performance.now() - started) / 1000).toFixed(1) });
}

const width = Math.max(...results.map(({ name }) => name.length));
show("\n=== Summary\n");
for (const { name, verdict, seconds } of results) {
  show(`${verdict.padEnd(7)}  ${name.padEnd(width)}  ${seconds.padStart(6)} s\n`);
}
if (steps !== QUICK)
  show(
    `\n${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}\n`,
  );
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
