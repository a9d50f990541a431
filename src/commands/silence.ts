import { parseInputs } from "../inputs/parse.ts";
import { SilenceInput } from "../inputs/silence.ts";
import { renderSilence } from "../pages/silence.ts";
import { silence } from "../walks/silence.ts";
import { answerPage } from "../windmill/run.ts";

/**
 * Acknowledges the open incident, plans a maintenance, or lifts either. Changes nothing but the memory of the health flow.
 *
 * @param until a length of time or a point of time; for an acknowledgement blank = until the incident is over.
 * @param begins blank = now; a point of time; or a cron expression, and then `until` is a length.
 * @param timezone in which times are meant, UTC by default.
 * @param id of an incident or of a window; blank = the one that is meant by itself.
 * @throws InputError for what cannot be done; nothing has changed then.
 */
export async function main(
  what: "acknowledge" | "maintenance" | "lift",
  reason?: string,
  until?: string,
  begins?: string,
  timezone?: string,
  id?: string,
) {
  const inputs = { what, reason, until, begins, timezone, id };
  return answerPage(renderSilence, (windmill) => silence(windmill, parseInputs(SilenceInput, inputs)));
}
