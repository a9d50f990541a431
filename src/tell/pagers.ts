import type { Status } from "../core/shapes.ts";
import type { Address } from "./address.ts";
import type { Alert } from "./alert.ts";

/**
 * Services that keep an incident of their own for each of ours, one row per service. Each gets the same mark for everything that is
 * said of one incident, so that what is lost may be said again, and what is said twice counts once.
 */

/** What tells an incident from every other: several workspaces and instances may share a service, and begin theirs in the same second. */
const markOf = ({ workspace, incident, run_url }: Alert): string =>
  [hostOf(run_url), workspace, incident].filter(Boolean).join("/");

const hostOf = (url: string): string => /^https?:\/\/([^/?#]+)/.exec(url)?.[1] ?? "";

/** Characters of PagerDuty's `dedup_key` and `summary`; the first is refused beyond, the second cut. */
const DEDUP_LIMIT = 255;
const SUMMARY_LIMIT = 1_024;

type Severity = "critical" | "error" | "warning" | "info";
/** PagerDuty pages for `critical` and `error` at once where a service follows severities: a check that could not look is no reason to wake somebody. */
const SEVERITIES: Record<Status, Severity> = {
  down: "critical",
  degraded: "warning",
  unknown: "warning",
  healthy: "info",
};

type PagerDutyAction = "trigger" | "acknowledge" | "resolve";
const actionOf = ({ kind }: Alert): PagerDutyAction =>
  kind === "recovery" ? "resolve" : kind === "acknowledgement" ? "acknowledge" : "trigger";

/** Milliseconds for which an alert stands in Alertmanager when nobody knows when the next check is. */
const STANDS_MS = 24 * 3_600_000;
/** Milliseconds for which an alert stands at least. */
const STANDS_LEAST_MS = 15 * 60_000;
/** Checks after which an alert that is not repeated is over: Prometheus itself sends four times its interval. */
const STANDS_CHECKS = 4;

/** When Alertmanager is to take the alert for over, unless it is repeated; the end for one that is. */
function endsAt({ kind, at, next_check }: Alert): string {
  if (kind === "recovery") return at;
  const now = Date.parse(at);
  const interval = next_check === null ? null : Date.parse(next_check) - now;
  const stands = interval === null ? STANDS_MS : Math.max(STANDS_LEAST_MS, STANDS_CHECKS * interval);
  return new Date(now + stands).toISOString();
}

/** Bytes of ntfy's message; a longer one becomes an attachment. */
const NTFY_LIMIT = 4_096;
/** What ntfy takes for a topic. */
const NTFY_TOPIC = /^[-_A-Za-z0-9]{1,64}$/;

/** Priorities (3 is the default, 5 rings on) and tags that are shown as pictures. */
const NTFY_LOOK: Record<Status, { priority: number; tags: string[] }> = {
  down: { priority: 5, tags: ["rotating_light"] },
  degraded: { priority: 4, tags: ["warning"] },
  unknown: { priority: 3, tags: ["grey_question"] },
  healthy: { priority: 3, tags: ["white_check_mark"] },
};

/** What an alert leads to: what can be done about it first. */
export const linksOf = ({
  repair_url,
  acknowledge_url,
  run_url,
}: Pick<Alert, "acknowledge_url" | "repair_url" | "run_url">) =>
  [
    { title: "Plan the repair", url: repair_url },
    { title: "Acknowledge", url: acknowledge_url },
    { title: "Open the run", url: run_url },
  ].filter(({ url }) => url !== "");

/** ntfy's buttons, of which a message has three at most. */
const buttons = (links: ReturnType<typeof linksOf>) =>
  links.length === 0
    ? {}
    : { actions: links.slice(0, 3).map(({ title, url }) => ({ action: "view", label: title, url })) };

const topicOf = ({ url }: Address): string => url.pathname.replace(/\/+$/, "").split("/").at(-1) ?? "";

/** The whole lines of a text that fit into so many bytes of UTF-8. */
function fitBytes(limit: number, lines: readonly string[]): string {
  const size = (text: string): number => new TextEncoder().encode(text).length;
  let kept = lines.length;
  while (kept > 0 && size(lines.slice(0, kept).join("\n")) > limit) kept--;
  return lines.slice(0, kept).join("\n");
}

/** The path of an address, with `end` where it does not stand there already. */
const withEnd = (url: URL, end: string): URL => {
  const path = url.pathname.replace(/\/+$/, "");
  return Object.assign(new URL(url), { pathname: path.endsWith(end) ? path : path + end });
};

/**
 * Sources: PagerDuty, "Events API v2" (https://developer.pagerduty.com/docs/events-api-v2/overview/ and
 * https://github.com/PagerDuty/api-schema, reference/events-v2); Alertmanager, "Alerts API"
 * (https://prometheus.io/docs/alerting/latest/alerts_api/); ntfy, "Publish as JSON" and "Updating notifications"
 * (https://docs.ntfy.sh/publish/).
 */
export const PAGERS = {
  pagerduty: {
    hosts: /^events(\.[a-z]+)?\.pagerduty\.com$/,
    keyed: true,
    hears: "once",
    slip: ({ user }: Address) =>
      user === ""
        ? "the routing key is missing. Store the integration key of the service alone (32 characters), or https://<key>@events.eu.pagerduty.com for another region."
        : null,
    endpoint: ({ url }: Address) => withEnd(url, "/v2/enqueue"),
    body: (alert: Alert, { user }: Address) => {
      const { headline, text, status, at, workspace, findings, run_url } = alert;
      const links = linksOf(alert);
      const event_action = actionOf(alert);
      const event = { routing_key: user, event_action, dedup_key: markOf(alert).slice(0, DEDUP_LIMIT) };
      if (event_action !== "trigger") return event;
      return {
        ...event,
        payload: {
          summary: headline.slice(0, SUMMARY_LIMIT),
          severity: SEVERITIES[status],
          source: [hostOf(run_url), workspace].filter(Boolean).join("/"),
          timestamp: at,
          component: "Windmill AI",
          group: workspace,
          class: findings[0]?.code ?? status,
          custom_details: { text, findings },
        },
        client: "Codex Pooler for Windmill",
        ...(run_url ? { client_url: run_url } : {}),
        ...(links.length > 0 ? { links: links.map(({ url, title }) => ({ href: url, text: title })) } : {}),
      };
    },
  },
  alertmanager: {
    hosts: /(^|\.)alertmanager(\.|$)/,
    keyed: false,
    hears: "again",
    slip: () => null,
    endpoint: ({ url }: Address) => withEnd(url, "/api/v2/alerts"),
    body: (alert: Alert) => {
      const { workspace, incident, run_url, since, status, headline, lines, findings } = alert;
      return [
        {
          // Labels are what makes two alerts one, so nothing that changes within an incident is among them.
          labels: { alertname: "WindmillAI", instance: hostOf(run_url), workspace, incident },
          annotations: {
            summary: headline,
            description: lines.join("\n"),
            status,
            code: findings[0]?.code ?? "",
          },
          startsAt: since,
          endsAt: endsAt(alert),
          ...(run_url ? { generatorURL: run_url } : {}),
        },
      ];
    },
  },
  ntfy: {
    hosts: /(^|\.)ntfy\./,
    keyed: false,
    hears: null,
    slip: (address: Address) =>
      NTFY_TOPIC.test(topicOf(address))
        ? null
        : "the address has no topic. Store it with the topic at its end, e.g. https://ntfy.sh/<topic>.",
    // Messages as JSON go to the root, and a message to the topic's own address would be shown as JSON.
    endpoint: ({ url }: Address) => {
      const path = url.pathname.replace(/\/+$/, "");
      return Object.assign(new URL(url), { pathname: path.slice(0, path.lastIndexOf("/") + 1) });
    },
    body: ({ headline, lines, status, incident, ...links }: Alert, address: Address) => ({
      topic: topicOf(address),
      title: headline,
      message: fitBytes(NTFY_LIMIT, lines.length > 0 ? lines : [headline]),
      ...NTFY_LOOK[status],
      // Servers since 2.16 let it take the place of what was said of the incident before; older ones leave it alone.
      sequence_id: incident,
      ...(links.run_url ? { click: links.run_url } : {}),
      ...buttons(linksOf({ ...links, run_url: "" })),
    }),
  },
} as const;
