import { checkNow } from "../dashboard/look.ts";
import { startProgress } from "../windmill/progress.ts";
import { answer, say } from "../windmill/run.ts";

/**
 * What the button "Check now" of the dashboard runs: the check at depth "free", which uses no tokens, at most once a minute for
 * everybody together. Whoever asks again gets the last result. Changes nothing.
 */
export async function main() {
  return answer(async (windmill) => {
    const progress = startProgress((line) => say(windmill, line));
    try {
      return await checkNow(windmill, progress);
    } finally {
      progress.end();
    }
  });
}
