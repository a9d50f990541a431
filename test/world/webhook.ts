import { listen, readBody } from "../standins/gateway/http.ts";

/** What a webhook got: an alert as the health flow composes it. */
export interface ReceivedAlert {
  kind: string;
  status: string;
  previous: string | null;
  text: string;
  findings: { code: string; title: string }[];
}

/** An incoming webhook on this machine, which keeps what it gets. */
export interface Webhook {
  /** The whole address. Like a real webhook's it holds a token, so it must not show up anywhere. */
  url: string;
  /** The part of the address that is the credential. */
  token: string;
  alerts: ReceivedAlert[];
  /** The bodies as they came. */
  bodies: string[];
  /** What it answers; 200 unless a test says otherwise. The alert is kept either way. */
  status: number;
  close(): Promise<void>;
}

/** Starts a webhook on a free local port. */
export async function startWebhook(): Promise<Webhook> {
  const token = "TzX8kW3-qV5mB7-nC9sD";
  const state: Omit<Webhook, "url" | "close"> = { token, alerts: [], bodies: [], status: 200 };
  const webhook = state as Webhook;
  const listener = await listen(async (request, response) => {
    const body = await readBody(request);
    webhook.bodies.push(body);
    webhook.alerts.push(JSON.parse(body));
    response.writeHead(webhook.status, { "content-type": "text/plain" });
    response.end(webhook.status === 200 ? "ok" : "no such hook");
  });
  return Object.assign(webhook, { url: `${listener.url}/hooks/${token}`, close: listener.close });
}
