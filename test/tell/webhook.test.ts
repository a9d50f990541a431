import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { Secret } from "../../src/core/secret.ts";
import { readTargets } from "../../src/tell/targets.ts";
import { type Delivery, postAlert } from "../../src/tell/webhook.ts";
import { listen, readBody } from "../standins/gateway/http.ts";
import { alertOf } from "./alert_fixture.ts";

const TOKEN = "TzX8kW3-qV5mB7-nC9sD";

interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** Sends the head of the answer, and nothing after it. */
  hangs?: true;
}

interface Service {
  url: string;
  host: string;
  bodies: string[];
}

/** A service that gives these replies one after the other, the last one from then on; null hangs. */
async function service(t: TestContext, ...replies: (Reply | null)[]): Promise<Service> {
  const bodies: string[] = [];
  const listener = await listen(async (request, response) => {
    bodies.push(await readBody(request));
    const reply = replies[Math.min(bodies.length, replies.length) - 1];
    if (!reply) return;
    response.writeHead(reply.status, reply.headers);
    if (reply.hangs) return void response.write("beginning of");
    response.end(reply.body ?? "ok");
  });
  t.after(() => listener.close());
  return { url: `${listener.url}/hooks/${TOKEN}`, host: listener.url.replace("http://", ""), bodies };
}

/** Posts an alert; pauses are taken down, not waited. The clock moves by them, and by `slow` ms each time it is looked at. */
async function post(...addresses: string[]): Promise<{ deliveries: Delivery[]; pauses: number[] }> {
  return postWith({}, ...addresses);
}

/** Milliseconds to wait for an answer: plenty for a service of these tests, and hardly any for one that hangs. */
const PLENTY_MS = 10_000;
const BRIEFLY_MS = 250;

async function postWith(
  { slow = 0, timeoutMs = PLENTY_MS }: { slow?: number; timeoutMs?: number },
  ...addresses: string[]
): Promise<{ deliveries: Delivery[]; pauses: number[] }> {
  const pauses: number[] = [];
  let clock = 0;
  const patience = {
    timeoutMs,
    now: () => (clock += slow),
    pause: async (ms: number) => {
      pauses.push(ms);
      clock += ms;
    },
  };
  const deliveries = await postAlert(readTargets(new Secret(addresses.join("\n")), "auto"), alertOf(), patience);
  assert.ok(!JSON.stringify(deliveries).includes(TOKEN), JSON.stringify(deliveries));
  return { deliveries, pauses };
}

describe("a webhook", () => {
  it("that takes the alert gets it once, as JSON", async (t) => {
    const { url, host, bodies } = await service(t, { status: 204, body: "" });
    const { deliveries } = await post(url);
    assert.deepEqual(deliveries, [{ target: `webhook at ${host} (json)`, delivered: true, problem: "" }]);
    assert.deepEqual(
      bodies.map((body) => JSON.parse(body)),
      [alertOf()],
    );
  });

  it("that hangs is given up after its time, and not asked again", async (t) => {
    const { url, bodies } = await service(t, null);
    const { deliveries } = await postWith({ timeoutMs: BRIEFLY_MS }, url);
    assert.equal(deliveries[0]?.delivered, false);
    assert.match(deliveries[0]?.problem ?? "", /did not answer within 0\.25 s/);
    assert.equal(bodies.length, 1);
  });

  it("that answers 429 is asked again after the seconds that it names", async (t) => {
    const { url, bodies } = await service(t, { status: 429, headers: { "retry-after": "7" } }, { status: 200 });
    const { deliveries, pauses } = await post(url);
    assert.equal(deliveries[0]?.delivered, true);
    assert.deepEqual([pauses, bodies.length], [[7_000], 2]);
  });

  it("that names a date for it is waited for until then", async (t) => {
    const date = new Date(Date.now() + 5_000).toUTCString();
    const { url } = await service(t, { status: 429, headers: { "retry-after": date } }, { status: 200 });
    const { deliveries, pauses } = await post(url);
    assert.equal(deliveries[0]?.delivered, true);
    assert.ok(pauses.length === 1 && (pauses[0] ?? 0) > 0 && (pauses[0] ?? 0) <= 5_000, String(pauses));
  });

  it("that asks for more patience than a tick has is left to the next tick", async (t) => {
    const { url, bodies } = await service(t, { status: 429, headers: { "retry-after": "3600" } });
    const { deliveries, pauses } = await post(url);
    assert.match(deliveries[0]?.problem ?? "", /answered 429 .*asks to wait 3600 s, longer than a run has/);
    assert.deepEqual([pauses, bodies.length], [[], 1]);
  });

  it("that says when it is back after a failure is asked again then", async (t) => {
    const { url } = await service(t, { status: 503, headers: { "retry-after": "3" } }, { status: 200 });
    const { deliveries, pauses } = await post(url);
    assert.equal(deliveries[0]?.delivered, true);
    assert.deepEqual(pauses, [3_000]);
  });

  it("that was slow is not waited for as long as one that was quick: all attempts together have 25 s", async (t) => {
    const reply = { status: 429, headers: { "retry-after": "10" } };
    const quick = await service(t, reply, { status: 200 });
    assert.deepEqual((await post(quick.url)).pauses, [10_000]);
    const slow = await service(t, reply, { status: 200 });
    const { deliveries, pauses } = await postWith({ slow: 8_000 }, slow.url);
    assert.deepEqual([deliveries[0]?.delivered, pauses, slow.bodies.length], [false, [], 1]);
  });

  it("whose answer breaks off is judged by its status", async (t) => {
    const taken = await service(t, { status: 200, hangs: true });
    assert.equal((await post(taken.url)).deliveries[0]?.delivered, true);
    const gone = await service(t, { status: 410, hangs: true });
    const { deliveries } = await post(gone.url);
    assert.match(deliveries[0]?.problem ?? "", /answered 410/);
    assert.equal(gone.bodies.length, 1);
  });

  it("that goes on answering 429 is not asked for ever", async (t) => {
    const { url, bodies } = await service(t, { status: 429, headers: { "retry-after": "0" } });
    assert.equal((await post(url)).deliveries[0]?.delivered, false);
    assert.equal(bodies.length, 2);
  });

  it("that fails is not asked again in this run, since it may have taken the alert before", async (t) => {
    const broken = await service(t, { status: 500, body: "no such hook" });
    const { deliveries } = await post(broken.url);
    assert.match(deliveries[0]?.problem ?? "", /answered 500 "no such hook"/);
    assert.deepEqual([deliveries[0]?.delivered, deliveries[0]?.unsure, broken.bodies.length], [false, true, 1]);
  });

  it("is said to be unsure where it may have got the alert, and only there", async (t) => {
    const unsure = async (reply: Reply | null) => {
      const { url } = await service(t, reply);
      return (await postWith({ timeoutMs: BRIEFLY_MS }, url)).deliveries[0]?.unsure ?? false;
    };
    assert.deepEqual(
      [
        await unsure(null),
        await unsure({ status: 502 }),
        await unsure({ status: 404 }),
        await unsure({ status: 302 }),
        await unsure({ status: 429, headers: { "retry-after": "3600" } }),
      ],
      [true, true, false, false, false],
    );
  });

  it("that refuses the alert is not asked again, and its words are repeated without the address", async (t) => {
    const body = `invalid_payload for /hooks/${TOKEN}`;
    const { url, bodies } = await service(t, { status: 404, body });
    const { deliveries } = await post(url);
    assert.match(deliveries[0]?.problem ?? "", /answered 404 "invalid_payload for .*valid/);
    assert.equal(bodies.length, 1);
  });

  it("that redirects is not followed, and where to is said by the host alone", async (t) => {
    const elsewhere = await service(t, { status: 200 });
    const { url } = await service(t, { status: 302, headers: { location: elsewhere.url } });
    const { deliveries } = await post(url);
    assert.ok(deliveries[0]?.problem.includes(`redirects to ${elsewhere.host} (302)`), deliveries[0]?.problem);
    assert.equal(elsewhere.bodies.length, 0);
  });

  it("that cannot be reached is tried once more, and has certainly got nothing", async () => {
    const gone = await listen(async (_request, response) => void response.end());
    await gone.close();
    const { deliveries, pauses } = await post(`${gone.url}/hooks/${TOKEN}`);
    assert.match(deliveries[0]?.problem ?? "", /cannot be reached/);
    assert.deepEqual([pauses.length, deliveries[0]?.unsure], [1, undefined]);
  });
});

describe("a variable", () => {
  it("with several addresses: each is told, whatever becomes of the others", async (t) => {
    const broken = await service(t, { status: 400, body: "no" });
    const good = await service(t, { status: 200 });
    const { deliveries } = await post(broken.url, good.url, "");
    assert.deepEqual(
      deliveries.map(({ delivered }) => delivered),
      [false, true],
    );
  });

  it("with an address twice: it is told once", async (t) => {
    const { url, bodies } = await service(t, { status: 200 });
    assert.equal((await post(url, url)).deliveries.length, 1);
    assert.equal(bodies.length, 1);
  });

  it("with more than five addresses: the first five are told, and the result says so", async (t) => {
    const { url, bodies } = await service(t, { status: 200 });
    const { deliveries } = await post(...Array.from({ length: 7 }, (_, index) => `${url}${index}`));
    assert.equal(bodies.length, 5);
    assert.match(deliveries[5]?.problem ?? "", /holds 7 addresses, of which the first 5 are told/);
  });

  it("with a host that only its owner knows: names no more than whose it is", async () => {
    for (const [address, target] of [
      ["http://eo7q2hx0w1.m.hooks.invalid/", "webhook at ….hooks.invalid (json)"],
      ["http://user:pass@eo7q2hx0w1.m.hooks.invalid:81/", "webhook at ….hooks.invalid:81 (json)"],
      ["http://hooks.invalid/eo7q2hx0w1", "webhook at hooks.invalid (json)"],
    ] as const) {
      const { deliveries } = await post(address);
      assert.deepEqual([deliveries[0]?.target, deliveries[0]?.delivered], [target, false]);
      assert.ok(!JSON.stringify(deliveries).includes("eo7q2hx0w1"));
    }
  });

  it("without a web address: says so, and does not repeat what it holds", async () => {
    for (const text of ["hunter2-not-an-address", "ftp://example.com/x", "hook at nowhere"]) {
      const { deliveries } = await post(text);
      assert.match(deliveries[0]?.problem ?? "", /does not hold a web address/);
      assert.ok(!JSON.stringify(deliveries).includes(text));
    }
  });
});
