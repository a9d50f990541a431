import { z } from "zod";
import { listen, readBody } from "../gateway/http.ts";

/**
 * PagerDuty's Events API v2 as its documentation has it: https://developer.pagerduty.com/docs/events-api-v2/overview/, the schema in
 * https://github.com/PagerDuty/api-schema (reference/events-v2), and "Event Management" of its support pages for `dedup_key`.
 */

const Severity = z.enum(["critical", "error", "warning", "info"]);
const Event = z.strictObject({
  routing_key: z.string(),
  event_action: z.enum(["trigger", "acknowledge", "resolve"]),
  dedup_key: z.string().max(255).optional(),
  payload: z
    .strictObject({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: Severity,
      timestamp: z.iso.datetime().optional(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  client: z.string().optional(),
  client_url: z.url().optional(),
  links: z.array(z.strictObject({ href: z.url(), text: z.string().optional() })).optional(),
  images: z.array(z.unknown()).optional(),
});
type Event = z.infer<typeof Event>;

/** An incident at PagerDuty, with all that was said of it. */
export interface PagerDutyIncident {
  dedup_key: string;
  state: "triggered" | "acknowledged" | "resolved";
  severity: z.infer<typeof Severity>;
  log: Event[];
}

/** What becomes of an event: it is processed as documented, its answer is lost on the way, or it never arrives. */
export type Fate = "processed" | "answer lost" | "lost" | { status: number; headers?: Record<string, string> };

export interface PagerDutyStandin {
  url: string;
  /** The only integration key that it knows. */
  key: string;
  incidents: PagerDutyIncident[];
  /** What becomes of the next events; "processed" when it is empty. */
  fates: Fate[];
  close(): Promise<void>;
}

const invalid = (...errors: string[]) => ({
  status: 400,
  body: { status: "invalid event", message: "Event object is invalid", errors },
});

/** Starts it on a free local port. */
export async function startPagerDuty(): Promise<PagerDutyStandin> {
  const key = "R0uTiNgKeY4codexpooler7aB3xQ9zW2";
  const incidents: PagerDutyIncident[] = [];
  const fates: Fate[] = [];
  const take = (path: string, method: string, text: string): { status: number; body: unknown } => {
    if (method !== "POST" || path !== "/v2/enqueue") return { status: 404, body: "" };
    const event = Event.safeParse(readJson(text));
    if (!event.success)
      return invalid(...event.error.issues.map(({ path: at, message }) => `${at.join(".")} ${message}`));
    const { routing_key, event_action, dedup_key, payload } = event.data;
    if (routing_key.length !== 32) return invalid("Length of 'routing_key' is incorrect (should be 32 characters)");
    if (routing_key !== key) return invalid("Invalid routing key");
    if (event_action !== "trigger" && !dedup_key) return invalid("'dedup_key' is missing or blank");
    if (event_action === "trigger" && !payload) return invalid("'payload' is missing or blank");
    const mark = dedup_key || crypto.randomUUID();
    apply(incidents, mark, event.data);
    return { status: 202, body: { status: "success", message: "Event processed", dedup_key: mark } };
  };
  const listener = await listen(async (request, response) => {
    const text = await readBody(request);
    const fate = fates.shift() ?? "processed";
    if (fate === "lost") return void response.destroy();
    if (typeof fate === "object") return void response.writeHead(fate.status, fate.headers).end();
    const { status, body } = take(request.url ?? "", request.method ?? "", text);
    if (fate === "answer lost") return void response.destroy();
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  return { url: listener.url, key, incidents, fates, close: listener.close };
}

/** Only an open incident can be acknowledged or resolved; a trigger belongs to the open one with its key, else begins another. */
function apply(incidents: PagerDutyIncident[], dedup_key: string, event: Event): void {
  const open = incidents.find((one) => one.dedup_key === dedup_key && one.state !== "resolved");
  const severity = event.payload?.severity ?? "critical";
  if (event.event_action === "trigger") {
    if (open) Object.assign(open, { severity, log: [...open.log, event] });
    else incidents.push({ dedup_key, state: "triggered", severity, log: [event] });
  } else if (open) {
    const state = event.event_action === "resolve" ? "resolved" : "acknowledged";
    Object.assign(open, { state, log: [...open.log, event] });
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
