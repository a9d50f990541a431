import { storedNow } from "../health/memory.ts";
import { readMemory } from "../health/read_memory.ts";
import { CONTENT_TYPE } from "../pages/exposition.ts";
import { metricsText } from "../pages/metrics.ts";
import { answer } from "../windmill/run.ts";

/**
 * Metrics for Prometheus, as a raw body where the run is waited for. Reads the memory of the health flow: asks the gateway nothing, takes no
 * lock and changes nothing.
 *
 * @throws WindmillError where Windmill does not hand the memory out, so that the scrape fails instead of saying that there is none.
 */
export async function main() {
  return answer(async (windmill) => {
    const now = Date.now();
    const memory = readMemory(await storedNow(windmill), new Date(now).toISOString());
    return { windmill_content_type: CONTENT_TYPE, result: metricsText({ ...memory, now }) };
  });
}
