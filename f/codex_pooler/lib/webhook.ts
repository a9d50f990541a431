import "zod@4.6.7";
import type { Alert } from "./alert.ts";
import { excerpt } from "./redact.ts";
import type { Secret } from "./secret.ts";

/** Milliseconds for a target to take an alert. */
const TIMEOUT_MS = 10_000;

/** How an attempt to alert went. */
export interface Delivery {
  delivered: boolean;
  /** Why not, in words; "" when delivered. Never holds the address, which is a credential of its own. */
  problem: string;
}

/** Chat services take their own body and ignore ours; the rest gets the whole alert as JSON. */
const BODIES: readonly { host: RegExp; body: (alert: Alert) => unknown }[] = [
  { host: /(^|\.)discord(app)?\.com$/, body: ({ text }) => ({ content: text.slice(0, 2_000) }) },
  { host: /(^|\.)slack\.com$/, body: ({ text }) => ({ text }) },
];

/** Posts an alert once. It never throws: an alert that cannot be delivered must not fail the tick. */
export async function postAlert(address: Secret, alert: Alert): Promise<Delivery> {
  const failed = (problem: string): Delivery => ({ delivered: false, problem });
  let url: URL;
  try {
    url = new URL(address.unwrap());
  } catch {
    return failed("the variable does not hold a URL. Store the webhook's whole address in it.");
  }
  if (!/^https?:$/.test(url.protocol)) return failed("the webhook's address is not http or https.");
  const body = BODIES.find(({ host }) => host.test(url.hostname))?.body(alert) ?? alert;
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = response.ok ? "" : excerpt(await response.text());
    if (response.ok) await response.body?.cancel();
    return response.ok
      ? { delivered: true, problem: "" }
      : failed(`the webhook answered ${response.status}${said ? ` "${said}"` : ""}.`);
  } catch (error) {
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    return failed(
      timedOut ? `the webhook did not answer within ${TIMEOUT_MS / 1000} s.` : "the webhook cannot be reached.",
    );
  }
}
