import { HealthReport } from "../health/report.ts";
import { parseInputs } from "../inputs/parse.ts";
import { SelfRepairInput } from "../inputs/self_repair.ts";
import { selfRepair } from "../walks/self_repair.ts";
import { startProgress } from "../windmill/progress.ts";
import { answer, say } from "../windmill/run.ts";
import { openWindmill } from "../windmill/windmill.ts";

/**
 * Step of the health flow, only where somebody has chosen it: mends what was found often enough, within the bounds of that choice.
 * Returns what people are to be told, and whether that is needed; nothing that it meets makes the flow fail.
 *
 * @param report the result of f/codex_pooler/remember.
 * @param self_repair `settings`: drift, lost default models, a schedule that is off, slips in the address; `models`: models that are
 *   gone, too.
 */
export async function main(report: object, self_repair?: "off" | "settings" | "models", server_url?: string) {
  return answer(async (windmill) => {
    const input = parseInputs(SelfRepairInput, { self_repair, server_url });
    const { telling, checked_at } = HealthReport.parse(report);
    if (telling.mend === undefined) return { needed: false, notice: null, why: "Nothing is due." };
    const door = openWindmill(process.env, input.server_url, windmill.secrets);
    const progress = startProgress((line) => say(windmill, line));
    try {
      const wish = { choice: input.self_repair, mending: telling.mend, at: checked_at, server_url: input.server_url };
      const { notice, why } = await selfRepair(door, wish, progress);
      say(windmill, notice?.title ?? why);
      return { needed: notice !== null, notice, why };
    } finally {
      progress.end();
    }
  });
}
