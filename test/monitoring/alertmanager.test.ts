import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { z } from "zod";
import { Secret } from "../../src/core/secret.ts";
import type { News } from "../../src/tell/news.ts";
import { readTargets } from "../../src/tell/targets.ts";
import { postAlert } from "../../src/tell/webhook.ts";
import { type Listener, listen, readBody } from "../standins/gateway/http.ts";
import { alertOf } from "../tell/alert_fixture.ts";
import { type Running, startServer, until } from "./programs.ts";

/** A real Alertmanager takes the alerts, and tells its receivers of one incident for one incident. */

const Told = z.object({
  alerts: z.array(
    z.object({
      status: z.enum(["firing", "resolved"]),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
    }),
  ),
});
const Standing = z.array(
  z.object({ labels: z.record(z.string(), z.string()), annotations: z.record(z.string(), z.string()) }),
);

let receiver: Listener;
let told: z.infer<typeof Told>["alerts"];
before(async () => {
  receiver = await listen(async (request, response) => {
    told.push(...Told.parse(JSON.parse(await readBody(request))).alerts);
    response.end();
  });
});
after(() => receiver.close());

let alertmanager: Running;
const start = (): Promise<Running> =>
  startServer("alertmanager", {
    route: { receiver: "team", group_by: ["alertname", "incident"], group_wait: "0s", group_interval: "1s" },
    receivers: [{ name: "team", webhook_configs: [{ url: receiver.url, send_resolved: true }] }],
  });
beforeEach(async () => {
  told = [];
  alertmanager = await start();
});
afterEach(() => alertmanager.close());

const MINUTE_MS = 60_000;
const began = Date.now() - 30 * MINUTE_MS;
const iso = (ms: number): string => new Date(ms).toISOString();

/** Tells it at a time of the real clock, which Alertmanager goes by. */
async function tell(change: Partial<News>, at = Date.now(), incident = "20261124T100000Z"): Promise<void> {
  const next_check = iso(at + 5 * MINUTE_MS);
  const alert = { ...alertOf({ since: iso(began), at: iso(at), incident, ...change }), next_check };
  const [delivery] = await postAlert(readTargets(new Secret(alertmanager.url), "alertmanager"), alert);
  assert.deepEqual([delivery?.delivered, delivery?.problem], [true, ""]);
}

async function standing() {
  const response = await fetch(`${alertmanager.url}/api/v2/alerts?active=true`);
  return Standing.parse(await response.json());
}

const statuses = () => told.map(({ status }) => status);

describe("Alertmanager", () => {
  it("tells of an incident when it begins and when it is over, however often it is repeated and whatever it turns into", async () => {
    await tell({ status: "degraded" });
    await tell({ status: "degraded", kind: "reminder" });
    await tell({ status: "down", kind: "cause", previous: "degraded" });
    const [alert, ...more] = await standing();
    assert.deepEqual(more, []);
    assert.deepEqual(alert?.labels, {
      alertname: "WindmillAI",
      instance: "windmill.example.com",
      workspace: "team",
      incident: "20261124T100000Z",
    });
    assert.equal(alert?.annotations.status, "down");
    assert.match(alert?.annotations.description ?? "", /gpt-5\.5 is not served/);
    await until(async () => told.length > 0);
    await tell({ kind: "recovery", status: "healthy" });
    await tell({ kind: "recovery", status: "healthy" });
    await until(async () => statuses().includes("resolved"));
    assert.deepEqual([...new Set(told.map(({ labels }) => labels.incident))], ["20261124T100000Z"]);
    assert.equal(statuses().filter((status) => status === "resolved").length, 1);
    assert.deepEqual(await standing(), []);
  });

  it("holds an alert until the checks have been silent for four intervals", async () => {
    await tell({}, Date.now() - 15 * MINUTE_MS);
    assert.equal((await standing()).length, 1);
    await alertmanager.close();
    alertmanager = await start();
    await tell({}, Date.now() - 25 * MINUTE_MS);
    assert.equal((await standing()).length, 0);
  });

  it("that was started anew knows the incident again at the next check, and tells of its end", async () => {
    await tell({});
    await alertmanager.close();
    alertmanager = await start();
    told = [];
    await tell({});
    await until(async () => statuses().includes("firing"));
    await tell({ kind: "recovery", status: "healthy" });
    await until(async () => statuses().includes("resolved"));
  });

  it("ends no other incident with one", async () => {
    await tell({});
    await tell({}, Date.now(), "20261125T100000Z");
    await tell({ kind: "recovery", status: "healthy" });
    assert.deepEqual(
      (await standing()).map(({ labels }) => labels.incident),
      ["20261125T100000Z"],
    );
  });
});
