import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { z } from "zod";
import { ROOT } from "../../tools/shared/programs.ts";

const Node = z.looseObject({ target: z.array(z.unknown()) });
const Violation = z.looseObject({ id: z.string(), impact: z.string().nullable(), nodes: z.array(Node) });

/** Serious faults that axe finds, as `rule: element`. */
export async function faultsOf(frame: Frame): Promise<string[]> {
  await frame.evaluate(await readFile(join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8"));
  const found: unknown = await frame.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  const { violations } = z.looseObject({ violations: z.array(Violation) }).parse(found);
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}
