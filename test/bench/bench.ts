import { cpus } from "node:os";
import { benchCheck } from "./check.ts";
import { benchEntryPoints } from "./entry_points.ts";

/** `npm run bench`: prints one JSON object with what was measured on this machine; times are in ms. */
const machine = { cores: cpus().length, node: process.versions.node };
console.log(JSON.stringify({ machine, check: await benchCheck(), entry_points: await benchEntryPoints() }, null, 2));
