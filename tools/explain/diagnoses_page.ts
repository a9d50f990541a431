import { Layer, type Severity } from "../../src/core/shapes.ts";
import { OWNERS } from "../../src/core/words.ts";
import { finding } from "../../src/diagnose/wording.ts";
import type { Row } from "../../src/table/row.ts";
import { TABLE } from "../../src/table/table.ts";

/** The reference page of the diagnosis table, as Markdown. */

const SEVERITIES: Record<Severity, string> = {
  critical: "critical: people are refused",
  warning: "warning: works, needs a look",
  info: "for information",
};

const HEAD = `# What can be wrong, and what to do

Generated from the diagnosis table (\`f/codex_pooler/lib/diagnoses/\`) by \`npm run docs\`; do not edit it by hand.

Each entry is one cause. Its code appears in reports and alerts. To find the cause of an error text, paste it into
\`f/codex_pooler/explain\` in Windmill. A cause that hurts only models other than the default one, or only AI agent steps, is
reported as a warning even where it says critical here.

Windmill's AI proxy turns every error of the gateway into status 400 and keeps only its body, so a status below is what Windmill
answers, not what the gateway said.
`;

/** Characters of an example that are shown. */
const EXAMPLE_LIMIT = 300;

/** The whole page. */
export function diagnosesPage(): string {
  const layers = Layer.options.flatMap((layer) => {
    const rows = TABLE.filter((row) => row.layer === layer);
    return rows.length === 0 ? [] : [{ layer, rows }];
  });
  const contents = layers.map(
    ({ layer, rows }) => `- [${layer}](#layer-${layer}): ${rows.map(({ code }) => `[${code}](#${code})`).join(", ")}`,
  );
  const sections = layers.map(({ layer, rows }) => [`## Layer ${layer}`, ...rows.map(entry)].join("\n\n"));
  return `${[HEAD.trim(), contents.join("\n"), ...sections].join("\n\n")}\n`;
}

function entry(row: Row): string {
  const { title, cause, remedy } = finding(row.code, []);
  const facts = [SEVERITIES[row.severity], `to be done by ${OWNERS[row.owner]}`];
  if (row.repairable) facts.push("can be repaired by a script");
  return [
    `### ${row.code}`,
    `**${plain(title)}** (${facts.join("; ")})`,
    plain(cause),
    remedy.map(step).join("\n"),
    row.tells_apart ? `To tell it apart: ${plain(row.tells_apart)}` : "",
    examples(row),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function step(text: string, index: number): string {
  const [first = "", ...block] = text.split("\n");
  const code = block.length > 0 ? `\n\n${["```", ...block, "```"].map((line) => `   ${line}`).join("\n")}\n` : "";
  return `${index + 1}. ${plain(first)}${code}`;
}

function examples(row: Row): string {
  if (row.match.length === 0 && row.examples.length === 0) {
    return row.toasts ? "Seen as a toast only." : "Found by reading settings, or by comparing answers.";
  }
  const shown = row.examples.map(({ status = 400, body, location, failure }) => {
    const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
    const words = [text, location && `Location: ${location}`, failure && `${failure.kind}: ${failure.message}`];
    const line = words.filter(Boolean).join(" ").replace(/\s+/g, " ").trim();
    return `${status ?? "no answer"}: ${line === "" ? "(empty)" : line.slice(0, EXAMPLE_LIMIT)}`;
  });
  return ["Looks like:", "", "```text", ...shown, "```"].join("\n");
}

/** Angle brackets of placeholders such as `<model>` are no HTML. */
const plain = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll("<", "&lt;")))
    .join("");
