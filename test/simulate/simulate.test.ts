import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { FOCUSES } from "./focus.ts";
import { generate } from "./generate.ts";
import type { Done, Order } from "./player.ts";
import { playAll } from "./pool.ts";
import { newTotals, takeIn, tellTotals } from "./totals.ts";

/** Histories of `npm run simulate`, a few: fixed ones, one of each focus, and as many fresh ones as fit into the time. */

/** Seeds that are always played. */
const FIXED = Array.from({ length: 40 }, (_, index) => index + 1);
/** Milliseconds for fresh ones. */
const FRESH_MS = 35_000;
const LANES = Math.min(2, availableParallelism());

const order = (seed: number, focus: string | null = null, more: Partial<Order> = {}): Order => ({
  ...{ seed, focus, shrink: false, log: false },
  ...more,
});

/** Plays orders, and gives what came of them in their order. */
async function playOrders(orders: readonly Order[], mutation: string | null = null): Promise<Done[]> {
  const rest = [...orders];
  const done: Done[] = [];
  await playAll(
    LANES,
    () => rest.shift() ?? null,
    (one) => done.push(one) > 0,
    mutation,
  );
  const place = (one: Done) => orders.findIndex(({ seed, focus }) => seed === one.seed && focus === one.focus);
  return done.sort((a, b) => place(a) - place(b));
}

/** Everything that does not hold, with how to see it again. */
function failuresOf(done: readonly Done[]): string[] {
  return done.flatMap(({ seed, focus, violations, broken }) => {
    const again = `npm run simulate -- --seed ${seed}${focus ? ` --focus ${focus}` : ""} --shrink`;
    const said = violations.map(({ invariant, rule, says }) => `${invariant} (${rule}): ${says}\n  ${again}`);
    return broken === "" ? said : [...said, `${broken}\n  ${again}`];
  });
}

test("the same seed gives the same history and the same bytes of log", async () => {
  const orders = [order(11, null, { log: true }), order(23, null, { log: true })];
  const [one, other] = [await playOrders(orders), await playOrders(orders)];
  assert.ok(one.every(({ log }) => log.length > 10));
  assert.deepEqual(
    one.map(({ log }) => log.join("\n")),
    other.map(({ log }) => log.join("\n")),
  );
});

test("histories differ by their seeds, and are full of what happens", () => {
  const kinds = FIXED.flatMap((seed) => generate(seed).actions.map(({ kind }) => kind));
  for (const kind of ["command", "again", "gateway", "hand", "weather", "webhook", "look"] as const) {
    assert.ok(kinds.includes(kind), `no history has a ${kind}`);
  }
  assert.notDeepEqual(generate(1).actions, generate(2).actions);
  assert.deepEqual(generate(1), generate(1));
});

test("fixed histories hold", async () => {
  const done = await playOrders(FIXED.map((seed) => order(seed)));
  assert.equal(done.length, FIXED.length);
  assert.deepEqual(failuresOf(done), []);
});

test("a history of each focus holds", async () => {
  const done = await playOrders(Object.keys(FOCUSES).map((focus) => order(1, focus)));
  assert.equal(done.length, Object.keys(FOCUSES).length);
  assert.deepEqual(failuresOf(done), []);
});

test("fresh histories hold", async (context) => {
  const first = randomInt(1, 2 ** 31);
  const started = performance.now();
  const totals = newTotals();
  const all: Done[] = [];
  let nth = 0;
  await playAll(
    LANES,
    () => (performance.now() - started < FRESH_MS ? order(first + nth++) : null),
    (done) => {
      takeIn(totals, done);
      return all.push(done) > 0;
    },
  );
  context.diagnostic(`seeds ${first} to ${first + nth - 1}`);
  context.diagnostic(tellTotals(totals, (performance.now() - started) / 1000));
  assert.ok(nth > 0);
  assert.deepEqual(failuresOf(all), []);
});
