import { CHECK_NOW, HEALTH_FLOW, HEALTH_SCHEDULE } from "../core/paths.ts";
import { storedNow } from "../health/memory.ts";
import { readMemory } from "../health/read_memory.ts";
import { readIntent } from "../observe/intent.ts";
import { pastRuns } from "../windmill/jobs.ts";
import { findResource, readState } from "../windmill/resources.ts";
import { findSchedule, nextScheduledRun } from "../windmill/schedules.ts";
import { findVariable } from "../windmill/variables.ts";
import { isForbidden, isNotFound, type Windmill } from "../windmill/windmill.ts";
import { type DashboardData, dashboardData, type Sight } from "./data.ts";

/** Reads what the dashboard shows. Only reads: a test holds it to that. */

/**
 * @param viewer e-mail of who looks; "" when nobody is signed in.
 * @throws WindmillError when Windmill does not answer.
 */
export async function readDashboard(windmill: Windmill, viewer: string): Promise<DashboardData> {
  const [memory, intent, schedule, queued, look] = await Promise.all([
    orHidden(storedNow(windmill).then((value) => ({ value }))),
    orHidden(readIntent(windmill)),
    orHidden(findSchedule(windmill, HEALTH_SCHEDULE)),
    orHidden(nextScheduledRun(windmill, HEALTH_SCHEDULE)),
    sight(windmill, CHECK_NOW),
  ]);
  const paths = intent === "hidden" ? null : intent;
  const [resource, secret, failed] = await Promise.all([
    paths && orHidden(findResource(windmill, paths.resource_path)),
    paths && orHidden(findVariable(windmill, paths.secret_path)),
    orHidden(pastRuns(windmill, HEALTH_FLOW, { after: lastCheck(memory), succeeded: false, count: FAILED })),
  ]);
  return dashboardData({
    now: Date.now(),
    workspace: windmill.workspace,
    windmill_url: windmill.routes.server,
    viewer,
    memory,
    intent,
    resource_changed_at: editedAt(resource),
    secret_changed_at: editedAt(secret),
    schedule:
      schedule === "hidden" || schedule === null
        ? null
        : {
            cron: schedule.schedule,
            timezone: schedule.timezone,
            enabled: schedule.enabled,
            error: schedule.error ?? "",
            queued: queued === "hidden" ? null : queued,
            args: schedule.args ?? {},
          },
    failed: failed === "hidden" ? [] : failed,
    look: look === "hidden" ? null : look.value,
  });
}

/** Failed runs that are looked for. */
const FAILED = 10;

/** When the last check was made that is remembered. */
function lastCheck(memory: Sight): string | undefined {
  if (memory === "hidden") return undefined;
  return readMemory(memory.value, new Date().toISOString()).state?.last?.at;
}

const sight = async (windmill: Windmill, path: string): Promise<Sight> =>
  orHidden(readState(windmill, path).then((value) => ({ value })));

/** When an item was last changed, as far as this Windmill says it. */
function editedAt(item: Record<string, unknown> | null | "hidden"): string | null {
  return item !== null && item !== "hidden" && typeof item.edited_at === "string" ? item.edited_at : null;
}

/** Answers "hidden" for what may not be read. */
async function orHidden<T>(promise: Promise<T>): Promise<T | "hidden"> {
  try {
    return await promise;
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return "hidden";
    throw error;
  }
}
