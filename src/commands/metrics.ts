import { inert } from "../core/report.ts";
import { readMemory } from "../health/memory.ts";
import { CONTENT_TYPE } from "../pages/exposition.ts";
import { metricsText } from "../pages/metrics.ts";
import { openWindmill } from "../windmill/windmill.ts";

/**
 * Metrics for Prometheus, as a raw body where the run is waited for. Reads the memory of the health flow: asks the gateway nothing, takes no
 * lock and changes nothing.
 *
 * @throws WindmillError where Windmill does not hand the memory out, so that the scrape fails instead of saying that there is none.
 */
export async function main() {
  const memory = await readMemory(openWindmill());
  const result = metricsText({ ...memory, now: Date.now() });
  return inert({ windmill_content_type: CONTENT_TYPE, result });
}
