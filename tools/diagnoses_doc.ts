import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diagnosesPage } from "./explain/diagnoses_page.ts";
import { REPORT_SCHEMAS, reportSchema } from "./report_schema.ts";
import { ROOT } from "./shared/programs.ts";

/**
 * `npm run docs`: writes what is generated in docs/: diagnoses.md from the diagnosis table, and the JSON Schemas of reports. `--check`
 * writes nothing. Exit code 0: up to date or written; 1: stale (with --check); 2: unknown argument.
 */

const DOCUMENTS: readonly (readonly [file: string, make: () => string])[] = [
  ["diagnoses.md", diagnosesPage],
  ...Object.keys(REPORT_SCHEMAS).map((file) => [file, () => reportSchema(file)] as const),
];

const words = process.argv.slice(2);
if (words.some((word) => word !== "--check")) {
  console.error("Usage: npm run docs -- [--check]");
  process.exit(2);
}
const check = words.includes("--check");
for (const [name, make] of DOCUMENTS) {
  const file = join(ROOT, "docs", name);
  const text = make();
  const stale = read(file) !== text;
  if (stale && check) {
    console.error(`docs/${name} is stale. Run: npm run docs`);
    process.exitCode = 1;
  } else if (stale) writeFileSync(file, text);
  if (!check) console.log(stale ? `Wrote docs/${name}.` : `docs/${name} is up to date.`);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
