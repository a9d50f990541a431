/** Own properties of an error that Windmill does not copy into `extra`. */
const STANDARD = ["line", "name", "stack", "column", "message", "sourceURL", "originalLine", "originalColumn"];

/**
 * The module that runs a function of a script, equal in effect to the one that a Windmill worker writes: it reads `args.json`, calls it
 * with the arguments in the order of its signature and writes `result.json`. An uncaught error is printed, and its own properties
 * go into the result.
 */
export function wrapperSource(entry: string, parameters: readonly string[]): string {
  return `
import "./clock.mjs";
import * as script from "./main.js";
import { readFile, writeFile } from "node:fs/promises";

BigInt.prototype.toJSON = function () { return this.toString(); };

try {
  const args = JSON.parse(await readFile("args.json", "utf8"));
  if (typeof script.${entry} !== "function") throw new Error("${entry} function is missing");
  const result = await script.${entry}(...${JSON.stringify(parameters)}.map((name) => args[name]));
  await writeFile("result.json", JSON.stringify(result ?? null, (_key, value) => (value === undefined ? null : value)));
  process.exit(0);
} catch (thrown) {
  console.error(thrown);
  const error = { message: thrown.message, name: thrown.name, stack: thrown.stack };
  if (process.env.WM_FLOW_STEP_ID) error.step_id = process.env.WM_FLOW_STEP_ID;
  const own = Object.getOwnPropertyNames(thrown).filter((name) => !${JSON.stringify(STANDARD)}.includes(name));
  if (own.length > 0) error.extra = Object.fromEntries(own.map((name) => [name, thrown[name]]));
  await writeFile("result.json", JSON.stringify(error));
  process.exit(1);
}
`;
}

/** Milliseconds from which a wait is long. A job's progress bar has timers of its own, which are shorter. */
const LONG_MS = 2_000;

/**
 * The module that moves a job's clock to where the stand-in's is: `ms` ahead of the machine's. With `waitsAt`, long waits pass at once
 * and take the stand-in's clock along.
 */
export function clockSource(ms: number, waitsAt?: string): string {
  return `
const Machine = Date;
const machine = performance.now.bind(performance);
const wait = globalThis.setTimeout;
let skipped = 0;
globalThis.Date = class Date extends Machine {
  constructor(...given) {
    if (given.length === 0) super(Machine.now() + ${ms} + skipped);
    else super(...given);
  }
  static now() {
    return Machine.now() + ${ms} + skipped;
  }
};
const waitsAt = ${JSON.stringify(waitsAt ?? "")};
if (waitsAt !== "") {
  const send = globalThis.fetch;
  performance.now = () => machine() + skipped;
  globalThis.setTimeout = (task, ms = 0, ...rest) => {
    if (ms < ${LONG_MS}) return wait(task, ms, ...rest);
    return wait(async () => {
      await send(waitsAt + "?ms=" + Math.ceil(ms), { method: "POST" });
      skipped += ms;
      task(...rest);
    }, 0);
  };
}
`;
}
