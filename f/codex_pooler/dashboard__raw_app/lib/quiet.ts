import type { Status } from "../../../../src/core/shapes.ts";
import type { DashboardData } from "../../../../src/dashboard/data.ts";
import { ago, moment, until } from "./time.ts";

/** Who knows of the open incident, and when nobody is told, in words. Pure: `now` is in milliseconds since 1970. */

export interface Quiet {
  title: string;
  text: string;
  /** The form that changes it, and with what it is filled in. */
  door?: { name: string; fields: Record<string, string> };
}

type Health = NonNullable<DashboardData["health"]>;

/** What people get while nobody is told of it. */
const MAINTAINED: Record<Status, string> = {
  healthy: "works",
  degraded: "works, with a problem",
  down: "refused",
  unknown: "could not be checked",
};

const why = (reason: string): string => (reason === "" ? "" : `: ${reason}`);

export function quiet({ status, incident, maintenance, planned }: Health, now: number): Quiet[] {
  return [
    ...(maintenance && Date.parse(maintenance.until) > now ? [maintained(status, maintenance, now)] : []),
    ...(incident ? [known(incident, now)] : []),
    ...planned.slice(0, 1).map((one) => next(one, planned.length - 1, now)),
  ];
}

const maintained = (
  status: Status,
  { id, by, until: end, reason }: NonNullable<Health["maintenance"]>,
  now: number,
): Quiet => ({
  title: `In maintenance: ${MAINTAINED[status]}`,
  text: `Nobody is told until ${moment(end, now)} (${until(end, now)}). Planned by ${by}${why(reason)}.`,
  door: { name: "Lift it", fields: { what: "lift", id } },
});

function known({ id, acknowledged }: NonNullable<Health["incident"]>, now: number): Quiet {
  const form = { name: "Acknowledge", fields: { what: "acknowledge", id } };
  if (acknowledged === null) {
    return {
      title: "Nobody has said yet that they know",
      text: "Whoever acknowledges it spares the others the reminders.",
      door: form,
    };
  }
  const { by, at, reason, until: end, holds } = acknowledged;
  const who = `${by} ${ago(at, now)}${why(reason)}`;
  return holds
    ? {
        title: `Acknowledged by ${who}`,
        text: `No reminders until ${end === null ? "it is over" : `${moment(end, now)}, or until it is over`}. If it gets worse, people are told.`,
        door: { name: "Lift it", fields: { what: "lift", id } },
      }
    : {
        title: `Was acknowledged by ${who}`,
        text: "Its time is over, or it has become worse since: people are told of it again.",
        door: form,
      };
}

const next = (
  { id, from, until: end, by, reason, again }: Health["planned"][number],
  more: number,
  now: number,
): Quiet => ({
  title: `Maintenance is planned ${until(from, now)}`,
  text: `From ${moment(from, now)} to ${moment(end, now)}${again ? `, and again by "${again.cron}" (${again.timezone})` : ""}. Planned by ${by}${why(reason)}.${more > 0 ? ` ${more} more after that.` : ""}`,
  door: { name: "Lift it", fields: { what: "lift", id } },
});
