import { checkNow } from "../dashboard/look.ts";
import { startProgress } from "../windmill/progress.ts";
import { openWindmill } from "../windmill/windmill.ts";

/**
 * What the button "Check now" of the dashboard runs: the check at depth "free", which uses no tokens, at most once a minute for
 * everybody together. Whoever asks again gets the last result. Changes nothing.
 */
export async function main() {
  const progress = startProgress();
  try {
    return await checkNow(openWindmill(), progress);
  } finally {
    progress.end();
  }
}
