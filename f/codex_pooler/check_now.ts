import "eventsource-parser@3.1.1";
import "windmill-client@1.818.0";
import "zod@4.6.7";
import { checkNow } from "./lib/check_now.ts";
import { startProgress } from "./lib/progress.ts";
import { openWindmill } from "./lib/windmill.ts";

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
