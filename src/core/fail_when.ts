import type { Status } from "./shapes.ts";

/** From which status on the run of the health flow fails by itself, for those who watch runs. */
export const FAIL_WHEN = ["never", "down", "degraded"] as const;
export type FailWhen = (typeof FAIL_WHEN)[number];

const FAILING: Readonly<Record<FailWhen, readonly Status[]>> = {
  never: [],
  down: ["down"],
  degraded: ["down", "degraded"],
};

/** Whether the run is to fail at this status. A status that is not known fails no run. */
export const failsAt = (status: Status, when: FailWhen): boolean => FAILING[when].includes(status);
