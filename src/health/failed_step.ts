import * as z from "zod";
import { blindReport } from "../check/blind.ts";
import { excerpt } from "../core/redact.ts";
import { CheckReport } from "../core/report.ts";
import { parseInputs } from "../inputs/parse.ts";
import { serverTime } from "../windmill/jobs.ts";
import type { Windmill } from "../windmill/windmill.ts";

/** Steps of the health flow that failed themselves: the flow goes on after them, and what comes next gets their error. */

/** What Windmill hands on of a step that failed, instead of its result. */
const StepError = z.object({
  error: z.looseObject({ name: z.string().nullish(), message: z.string().nullish() }),
});

/** Why a step failed, redacted and short; null for the result of one that did not. */
export function whyFailed(result: unknown): string | null {
  const failed = StepError.safeParse(result);
  if (!failed.success) return null;
  const { name, message } = failed.data.error;
  return excerpt([name, message].filter(Boolean).join(": ") || "no reason was given");
}

/** What the step `check` gave: its report, or one that says that it could not look. @throws InputError for anything else. */
export async function checkOf(windmill: Windmill, result: object): Promise<{ check: CheckReport; failed: boolean }> {
  const why = whyFailed(result);
  if (why === null)
    return { check: parseInputs(z.object({ report: CheckReport }), { report: result }).report, failed: false };
  const about = { workspace: windmill.workspace, depth: "free" as const, at: await serverTime(windmill), took_ms: 0 };
  return { check: blindReport(about, why), failed: true };
}
