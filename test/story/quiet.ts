import assert from "node:assert/strict";
import { z } from "zod";
import { follow } from "../world/form.ts";
import { PRIVATE_ADDRESS, PUBLIC_ADDRESS, reportOf, type World } from "../world/world.ts";
import type { Screen } from "./screen.ts";
import { tick } from "./steps.ts";
import type { Step } from "./tell.ts";

/** The story of an alert that is answered, and of a maintenance that ends badly. */

const Silenced = z.looseObject({ summary: z.string() });

/** Ticks until all is well: what came and went several times is waited for longer. */
async function untilWell(world: World, screen: Screen): Promise<void> {
  for (let ticks = 0; ticks < 60; ticks++) if ((await tick(world, screen)).status === "healthy") return;
  throw new Error("it does not get well");
}

const allow = ({ windmill }: World, allowed: boolean): void => {
  for (const one of [windmill.processes.server, windmill.processes.worker]) one.allowPrivate = allowed;
};

/** @param screen what the admin looks at. */
export const quietSteps = (screen: Screen): readonly Step[] => [
  {
    title: "Somebody knows: the alert is acknowledged by its link",
    expected: "an alert with a link; no word more until it is over, and then who knew and why",
    async run(world) {
      await untilWell(world, screen);
      const before = world.webhook.alerts.length;
      allow(world, false);
      world.moveGateway(PRIVATE_ADDRESS);
      assert.equal((await tick(world, screen)).status, "down");
      const text = world.webhook.alerts[before]?.text ?? "";
      const link = /Acknowledge: (\S+)/.exec(text)?.[1] ?? "";
      // The admin types why before they submit.
      const reason = encodeURIComponent(JSON.stringify("The gateway moves house"));
      reportOf(screen.show(await follow(world, `${link}&reason=${reason}`)), Silenced);
      const known = await tick(world, screen);
      assert.equal(known.health.incident?.acknowledged?.holds, true);
      world.moveGateway(PUBLIC_ADDRESS);
      await untilWell(world, screen);
      assert.equal(world.webhook.alerts.length, before + 2, "one alert when it began, one when it was over");
      const over = world.webhook.alerts[before + 1]?.text.split("\n") ?? [];
      const line = over.find((one) => one.startsWith("Acknowledged by admin"));
      assert.match(line ?? "", /: The gateway moves house$/);
      return `${over[0]}. ${line}`;
    },
  },
  {
    title: "A maintenance that ends badly",
    expected: "nobody is told while it lasts; when it is over, the opening at once",
    async run(world) {
      const before = world.webhook.alerts.length;
      const args = { what: "maintenance", until: "2 h", reason: "The gateway is updated" };
      const { summary } = reportOf(await world.run("silence", args), Silenced);
      world.moveGateway(PRIVATE_ADDRESS);
      await tick(world, screen);
      const during = await tick(world, screen);
      assert.deepEqual([during.status, world.webhook.alerts.length], ["down", before]);
      reportOf(await world.run("silence", { what: "lift" }), Silenced);
      await tick(world, screen);
      const told = world.webhook.alerts.slice(before).map(({ text }) => text.split("\n")[0]);
      assert.equal(told.length, 1);
      world.moveGateway(PUBLIC_ADDRESS);
      await untilWell(world, screen);
      assert.equal(world.webhook.alerts.length, before + 2);
      allow(world, true);
      return `${summary.split(".")[0]}. Afterwards: ${told[0]}`;
    },
  },
];
