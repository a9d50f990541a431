import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { askInTurns, FEW, MOST } from "../../src/probe/crowd.ts";

/** A check beside people at gateways with few places, in virtual time. */

/** Time that passes as soon as nothing else is to be done. */
const virtual = { now: 0, timers: [] as { at: number; task: () => void }[] };
const { setTimeout: wait } = globalThis;
const now = performance.now;
beforeEach(() => {
  virtual.now = 0;
  virtual.timers = [];
  performance.now = () => virtual.now;
  globalThis.setTimeout = ((task: () => void, ms = 0) =>
    void virtual.timers.push({ at: virtual.now + ms, task })) as never;
});
afterEach(() => {
  performance.now = now;
  globalThis.setTimeout = wait;
});

async function passing<T>(work: Promise<T>): Promise<T> {
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  for (;;) {
    await turn();
    if (over) return done;
    virtual.timers.sort((a, b) => a.at - b.at);
    const next = virtual.timers.shift();
    if (!next) continue;
    virtual.now = Math.max(virtual.now, next.at);
    next.task();
  }
}

interface Gateway {
  /** Completions that run at once. */
  places: number;
  /** Requests that wait for a place, and for how long. */
  queue: number;
  /** Places that people hold all the time. */
  people: number;
  /** Milliseconds of an answer. */
  ms: number;
}

const QUEUED_MS = 10_000;

/** Lets a check ask `count` completions of the gateway. */
async function check(count: number, { places, queue, people, ms }: Gateway) {
  const seen = { most: 0, busy: 0 };
  let running = 0;
  const waiting: { start(): void }[] = [];
  const ask = (): Promise<"ok" | "busy"> =>
    new Promise((resolve) => {
      const refuse = (): void => {
        seen.busy += 1;
        resolve("busy");
      };
      const start = (): void => {
        running += 1;
        seen.most = Math.max(seen.most, running);
        setTimeout(() => {
          running -= 1;
          waiting.shift()?.start();
          resolve("ok");
        }, ms);
      };
      if (running < places - people) return start();
      if (waiting.length >= queue) return void setTimeout(refuse, 5);
      const place = { start };
      waiting.push(place);
      setTimeout(() => {
        const index = waiting.indexOf(place);
        if (index < 0) return;
        waiting.splice(index, 1);
        refuse();
      }, QUEUED_MS);
    });
  const answers = await passing(askInTurns(count, { ask, isBusy: (answer) => answer === "busy" }));
  return { ...seen, answers, ms: virtual.now };
}

const POOLER = { places: 24, queue: 96, people: 0 };

describe("a check of many models", () => {
  it("is refused nothing by an idle gateway, however slow its 30 models are, and leaves most places to people", async () => {
    const { answers, most, busy, ms } = await check(60, { ...POOLER, ms: 12_000 });
    assert.ok(answers.every((answer) => answer === "ok"));
    assert.equal(busy, 0);
    assert.equal(most, FEW);
    assert.ok(ms <= 120_000, `${ms} ms are too many for the step of the health flow`);
  });

  it("is no crowd beside people who hold half of the places", async () => {
    const { answers, busy } = await check(16, { ...POOLER, people: 12, ms: 12_000 });
    assert.ok(answers.every((answer) => answer === "ok"));
    assert.equal(busy, 0);
  });

  it("takes more at a time while answers are quick, and never all places", async () => {
    const { answers, most, ms } = await check(100, { ...POOLER, ms: 300 });
    assert.ok(answers.every((answer) => answer === "ok"));
    assert.ok(most > FEW && most <= MOST && most < POOLER.places);
    assert.ok(ms <= 2_500, `${ms} ms`);
  });

  it("does not report itself at a small server without a queue", async () => {
    const { answers, busy } = await check(10, { places: 4, queue: 0, people: 0, ms: 200 });
    assert.ok(busy > 0, "it had to find out");
    assert.deepEqual([...new Set(answers)], ["ok"]);
  });

  it("reports a gateway that others have filled", async () => {
    const { answers, ms } = await check(10, { places: 4, queue: 0, people: 4, ms: 200 });
    assert.deepEqual([...new Set(answers)], ["busy"]);
    assert.ok(ms < 60_000);
  });

  it("ends, and is refused nothing in the end by a gateway with a place, whatever its size and speed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 0, max: 96 }),
        fc.integer({ min: 5, max: 9_000 }),
        fc.integer({ min: 1, max: 60 }),
        async (places, queue, ms, count) => {
          virtual.now = 0;
          virtual.timers = [];
          const { answers, most } = await check(count, { places, queue, people: 0, ms });
          assert.equal(answers.length, count);
          assert.ok(most <= MOST);
          assert.deepEqual([...new Set(answers)], ["ok"]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
