import "windmill-client@1.818.0";
import "zod@4.6.7";
import type { Alert } from "./alert.ts";
import type { WebhookFormat } from "./inputs.ts";
import { excerpt } from "./redact.ts";
import type { AlertOutcome } from "./report.ts";
import type { Secret } from "./secret.ts";
import { serviceOf, webhookBody } from "./webhook_formats.ts";

/** Posting an alert to incoming webhooks. Their addresses are credentials: only the host is ever named. */

/** Milliseconds for one attempt, from the connection to the end of the answer. */
const TIMEOUT_MS = 10_000;
/** Attempts per target and tick. An alert that no target took is tried again with the next tick. */
const ATTEMPTS = 2;
/** Milliseconds before another attempt where the target names none. */
const PAUSE_MS = 1_000;
/** Milliseconds to wait at most for a target that asks for patience: the step has 60 s for two attempts and this. */
const LONGEST_WAIT_MS = 20_000;
/** Webhooks in one variable. */
const LIMIT = 5;

/** How telling one target went. */
export type Delivery = AlertOutcome["targets"][number];

/** What can be set from outside for tests. */
export interface Patience {
  timeoutMs: number;
  pause(ms: number): Promise<void>;
}

const PATIENCE: Patience = {
  timeoutMs: TIMEOUT_MS,
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Posts an alert to every address that the secret holds, one per line, side by side. It never throws. */
export function postAlert(
  addresses: Secret,
  format: WebhookFormat,
  alert: Alert,
  patience: Patience = PATIENCE,
): Promise<Delivery[]> {
  const lines = addresses.unwrap().split(/\s+/).filter(Boolean).slice(0, LIMIT);
  return Promise.all(lines.map((line) => postTo(line, format, alert, patience)));
}

async function postTo(address: string, format: WebhookFormat, alert: Alert, patience: Patience): Promise<Delivery> {
  const url = parseUrl(address);
  if (!url || !/^https?:$/.test(url.protocol)) {
    const problem = "the variable does not hold a web address. Store the webhook's whole address in it, with https://.";
    return { target: "webhook", delivered: false, problem };
  }
  const service = serviceOf(format, url.hostname);
  const target = `webhook at ${url.host} (${service})`;
  const body = JSON.stringify(webhookBody(service, alert));
  for (let attempt = 1; ; attempt++) {
    const { problem, retryAfterMs } = await post(url, body, patience.timeoutMs);
    const delivered = problem === "";
    if (delivered || retryAfterMs === null || attempt === ATTEMPTS) return { target, delivered, problem };
    await patience.pause(retryAfterMs);
  }
}

/** How an attempt went: an empty problem for success, and after how long another one makes sense; null for never. */
interface Attempt {
  problem: string;
  retryAfterMs: number | null;
}

const TAKEN: Attempt = { problem: "", retryAfterMs: null };

async function post(url: URL, body: string, timeoutMs: number): Promise<Attempt> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal,
      headers: { "content-type": "application/json" },
      body,
    });
    if (!response.ok) return judge(response, excerpt(await beginning(response), { secrets: secretsOf(url) }));
    response.body?.cancel().catch(() => undefined);
    return TAKEN;
  } catch {
    // The error's own text may repeat the address.
    return signal.aborted
      ? { problem: `did not answer within ${timeoutMs / 1000} s. Is the service up?`, retryAfterMs: null }
      : {
          problem: "cannot be reached from the worker. Check the address and the worker's way out.",
          retryAfterMs: PAUSE_MS,
        };
  }
}

/** What an answer that is not a success means. */
function judge({ status, headers }: Response, said: string): Attempt {
  const answered = `answered ${status}${said ? ` "${said}"` : ""}`;
  if (status >= 300 && status < 400) {
    const to = parseUrl(headers.get("location") ?? "")?.host;
    const problem = `redirects${to ? ` to ${to}` : ""} (${status}). An alert does not follow: store the webhook's own address.`;
    return { problem, retryAfterMs: null };
  }
  if (status === 429) {
    const wait = retryAfter(headers.get("retry-after"));
    if (wait <= LONGEST_WAIT_MS) return { problem: `${answered}: too many messages.`, retryAfterMs: wait };
    return {
      problem: `${answered}: too many messages, and it asks to wait ${Math.ceil(wait / 1000)} s.`,
      retryAfterMs: null,
    };
  }
  if (status >= 500) return { problem: `${answered}.`, retryAfterMs: PAUSE_MS };
  return { problem: `${answered}. Is the address still valid, and is it for this format?`, retryAfterMs: null };
}

/** Milliseconds that a `Retry-After` asks for: seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(header: string | null): number {
  if (header === null) return PAUSE_MS;
  const ms = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? PAUSE_MS : Math.max(0, ms);
}

/** The first part of an answer; the rest is not wanted. */
async function beginning(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const { value } = await reader.read();
  reader.cancel().catch(() => undefined);
  return new TextDecoder().decode(value);
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** What of an address must not be repeated: it, its path and query, and each part of them. */
const secretsOf = ({ href, pathname, search }: URL): string[] => [
  href,
  `${pathname}${search}`,
  ...pathname.split("/"),
  ...new URLSearchParams(search).values(),
];
