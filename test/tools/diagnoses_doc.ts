import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diagnosesPage } from "./explain/diagnoses_page.ts";
import { ROOT } from "./shared/programs.ts";

/**
 * `npm run docs`: writes docs/diagnoses.md from the diagnosis table. `--check` writes nothing. Exit code 0: up to date or
 * written; 1: stale (with --check); 2: unknown argument.
 */

const FILE = join(ROOT, "docs", "diagnoses.md");
const words = process.argv.slice(2);
if (words.some((word) => word !== "--check")) {
  console.error("Usage: npm run docs -- [--check]");
  process.exit(2);
}
const page = diagnosesPage();
const stale = read() !== page;
if (words.includes("--check")) {
  if (stale) console.error("docs/diagnoses.md is stale. Run: npm run docs");
  process.exit(stale ? 1 : 0);
}
if (stale) writeFileSync(FILE, page);
console.log(stale ? "Wrote docs/diagnoses.md." : "docs/diagnoses.md is up to date.");

function read(): string {
  try {
    return readFileSync(FILE, "utf8");
  } catch {
    return "";
  }
}
