import { cpus, loadavg } from "node:os";
import { readFlags } from "../../tools/shared/arguments.ts";
import { UsageError } from "../../tools/shared/errors.ts";
import { benchCheck } from "./check.ts";
import { benchDashboard } from "./dashboard.ts";
import { benchDeploy } from "./deploy.ts";
import { benchEntryPoints } from "./entry_points.ts";
import { benchFleet } from "./fleet.ts";
import { benchTicks } from "./ticks.ts";

/** `npm run bench`: prints one JSON object with what was measured on this machine; times are in ms. */

const USAGE = "Usage: npm run bench -- [--fleet <workspaces, default 50>]";

const { values, slips } = readFlags(process.argv.slice(2), { values: ["fleet"], switches: [] });
const fleet = Number(values.get("fleet") ?? 50);
if (!Number.isInteger(fleet) || fleet < 1) slips.push("--fleet must be a number of workspaces.");
if (slips.length > 0) {
  console.error(new UsageError(slips, USAGE).message);
  process.exit(2);
}
/** What waits for a processor, on average over a minute: times are only worth something on a machine that is idle otherwise. */
const load = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10;
const machine = { cores: cpus().length, node: process.versions.node, load_before: load() };
const measured = {
  machine,
  deploy: await benchDeploy(),
  entry_points: await benchEntryPoints(),
  check: await benchCheck(),
  ticks: await benchTicks(),
  fleet: await benchFleet(fleet),
  dashboard: await benchDashboard(),
};
console.log(JSON.stringify(measured, null, 2));
