import { Cron } from "croner";
import { badRequest } from "../errors.ts";

/** Fields of an expression: seconds, minutes, hours, days of month, months, days of week. */
const FIELDS = 6;

/**
 * Checks a cron expression as creating and previewing a schedule do. Seconds are not optional.
 * @throws ApiError 400 with the text that points at the mistake
 */
export function checkCron(expression: string): void {
  const fields = [...expression.matchAll(/\S+/g)];
  if (fields.length < FIELDS) throw cronRefused(expression, expression.length);
  const extra = fields[FIELDS];
  if (extra) throw cronRefused(expression, extra.index);
  try {
    parse(expression, "UTC");
  } catch {
    const wrong = fields.findIndex((field, i) => !isField(field[0], i));
    throw cronRefused(expression, fields[wrong]?.index ?? 0);
  }
}

/** Checks the name of a time zone, as queueing the next run does. @throws ApiError 400 */
export function checkTimezone(timezone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch {
    throw badRequest("failed to parse timezone");
  }
}

/** The next times after `from` (milliseconds since 1970) at which a checked expression is due. */
export function upcoming(expression: string, timezone: string, from: number, count: number): Date[] {
  return parse(expression, timezone).nextRuns(count, new Date(from));
}

function parse(expression: string, timezone: string): Cron {
  return new Cron(expression, { timezone, paused: true, mode: "6-part" });
}

/** Whether a field is right by itself, beside fields that are. */
function isField(field: string, index: number): boolean {
  const others = ["0", "0", "0", "1", "1", "*"];
  try {
    parse(others.with(index, field).join(" "), "UTC");
    return true;
  } catch {
    return false;
  }
}

function cronRefused(expression: string, at: number) {
  return badRequest(`cron: ${expression}\n${" ".repeat(at)}^\n`);
}
