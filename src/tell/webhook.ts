import { excerpt } from "../core/redact.ts";
import type { AlertOutcome } from "../core/report.ts";
import { type Address, parseUrl } from "./address.ts";
import type { Alert } from "./alert.ts";
import { type Message, messageFor } from "./formats.ts";
import { nameOf, type Target, withoutAddress } from "./targets.ts";

/** Posting an alert to incoming webhooks and pagers. Their addresses are credentials: only the host is ever named, see targets.ts. */

/** Milliseconds for one attempt, from the connection to the end of the answer. */
const TIMEOUT_MS = 10_000;
/** Attempts per target and tick. An alert that no target took is tried again with the next tick. */
const ATTEMPTS = 2;
/** Milliseconds before another attempt where the target names none. */
const PAUSE_MS = 1_000;
/** Milliseconds for attempts and pauses together: far below the time-out of the flow's step, which also asks Windmill. */
const BUDGET_MS = 25_000;
/** Milliseconds below which another attempt is not worth while. */
const SHORTEST_ATTEMPT_MS = 1_000;

/** How telling one target went. */
export type Delivery = AlertOutcome["targets"][number];

/** What can be set from outside for tests. */
export interface Patience {
  timeoutMs: number;
  /** Milliseconds on a clock that only goes forward. */
  now(): number;
  pause(ms: number): Promise<void>;
}

const PATIENCE: Patience = {
  timeoutMs: TIMEOUT_MS,
  now: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Posts an alert to these targets side by side. It never throws. */
export const postAlert = (
  targets: readonly Target[],
  alert: Alert,
  patience: Patience = PATIENCE,
): Promise<Delivery[]> => Promise.all(targets.map((target) => postTo(target, alert, patience)));

async function postTo(target: Target, alert: Alert, patience: Patience): Promise<Delivery> {
  const { name } = target;
  if (target.slip !== null) return { target: name, delivered: false, problem: target.slip };
  const message = messageFor(target.service, alert, target.address);
  const deadline = patience.now() + BUDGET_MS;
  for (let attempt = 1; ; attempt++) {
    const timeoutMs = Math.min(patience.timeoutMs, deadline - patience.now());
    const { problem, retryAfterMs, unsure } = await post(message, target.address, timeoutMs);
    const outcome = { target: name, delivered: problem === "", problem, ...(unsure ? { unsure } : {}) };
    if (outcome.delivered || retryAfterMs === null || attempt === ATTEMPTS) return outcome;
    if (patience.now() + retryAfterMs + SHORTEST_ATTEMPT_MS > deadline) {
      const wait = `It asks to wait ${Math.ceil(retryAfterMs / 1000)} s, longer than a run has.`;
      return { ...outcome, problem: `${problem} ${wait}` };
    }
    await patience.pause(retryAfterMs);
  }
}

/** How an attempt went. */
interface Attempt {
  /** "" for success. */
  problem: string;
  /** After how long another one makes sense; null for never in this run. */
  retryAfterMs: number | null;
  /** Whether it may have arrived all the same. */
  unsure?: true;
}

const TAKEN: Attempt = { problem: "", retryAfterMs: null };

async function post({ url, headers, body }: Message, address: Address, timeoutMs: number): Promise<Attempt> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal,
      headers,
      body: JSON.stringify(body),
    });
    if (response.ok) {
      response.body?.cancel().catch(() => undefined);
      return TAKEN;
    }
    // What a status means is known without the words that come with it, which may never come.
    const said = await beginning(response).catch(() => "");
    return judge(response, excerpt(said, { clean: (text) => withoutAddress(text, address) }));
  } catch (error) {
    // The error's own text may repeat the address.
    if (signal.aborted) {
      const problem = `did not answer within ${Math.round(timeoutMs / 10) / 100} s. It may have got the alert all the same. Is the service up?`;
      return { problem, retryAfterMs: null, unsure: true };
    }
    if (neverLeft(error)) {
      const problem = "cannot be reached from the worker. Check the address and the worker's way out.";
      return { problem, retryAfterMs: PAUSE_MS };
    }
    return { problem: "broke the connection off before it answered.", retryAfterMs: null, unsure: true };
  }
}

/** Codes of connections that never came about, as Node and bun name them: nothing was sent then. */
const NO_CONNECTION =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ConnectionRefused|FailedToOpenSocket|DNSResolveFailed|UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_HAS_EXPIRED|ERR_TLS_CERT_ALTNAME_INVALID)$/;

function neverLeft(error: unknown): boolean {
  const codeOf = (one: unknown): string =>
    typeof one === "object" && one !== null && "code" in one ? String(one.code) : "";
  return NO_CONNECTION.test(codeOf(error)) || (error instanceof Error && NO_CONNECTION.test(codeOf(error.cause)));
}

/** What an answer that is not a success means. */
function judge({ status, headers }: Response, said: string): Attempt {
  const answered = `answered ${status}${said ? ` "${said}"` : ""}`;
  if (status >= 300 && status < 400) {
    const to = parseUrl(headers.get("location") ?? "");
    const problem = `redirects${to ? ` to ${nameOf(to)}` : ""} (${status}). An alert does not follow: store the webhook's own address.`;
    return { problem, retryAfterMs: null };
  }
  const wait = retryAfter(headers.get("retry-after"));
  if (status === 429) return { problem: `${answered}: too many messages.`, retryAfterMs: wait };
  // It may have taken the alert before it failed: only where it asks for another attempt is there one in this run.
  if (status >= 500)
    return { problem: `${answered}.`, retryAfterMs: headers.has("retry-after") ? wait : null, unsure: true };
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
