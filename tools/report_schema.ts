import { z } from "zod";
import { CheckReport, REPORT_VERSION } from "../src/core/report.ts";
import { HealthReport } from "../src/health/report.ts";

/** The JSON Schemas of what runs return, made from the schemas that the bundle itself reads reports with. */

const Rendering = { wm_renderer: z.literal("html"), html: z.string() };

/** Published schemas by the name of their file in docs/. */
export const REPORT_SCHEMAS: Readonly<Record<string, { title: string; schema: z.ZodType }>> = {
  "health-report.schema.json": {
    title: `Result of f/codex_pooler/health, version ${REPORT_VERSION}`,
    schema: HealthReport.extend(Rendering),
  },
  "check-report.schema.json": {
    title: `Result of f/codex_pooler/check, version ${REPORT_VERSION}`,
    schema: CheckReport.extend(Rendering),
  },
};

/** A schema as the text of its file. Fields that a reader does not know are allowed: new ones do not raise the version. */
export function reportSchema(file: string): string {
  const found = REPORT_SCHEMAS[file];
  if (!found) throw new Error(`There is no schema ${file}.`);
  const { $schema, ...rest } = z.toJSONSchema(found.schema, { io: "input" });
  return `${JSON.stringify({ $schema, title: found.title, ...rest }, null, 2)}\n`;
}
