import type { World } from "../world/world.ts";

/** Telling a story: one line per step while it works, a table at the end. */

export interface Step {
  title: string;
  /** What must be seen. */
  expected: string;
  /** Does it for real and answers what was seen; throws when that is not what must be seen. */
  run(world: World): Promise<string>;
}

export interface Told {
  title: string;
  expected: string;
  seen: string;
  ok: boolean;
}

const COLOURS = { green: 32, red: 31, grey: 90, bold: 1 } as const;

/** Colours a text on a terminal, and leaves it alone elsewhere. */
export const paint = (colour: keyof typeof COLOURS, text: string): string =>
  process.stdout.isTTY ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;

export const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs the steps in order; a step that fails does not stop the next, so that the table is complete. */
export async function tell(world: World, steps: readonly Step[]): Promise<Told[]> {
  const told: Told[] = [];
  for (const [index, { title, expected, run }] of steps.entries()) {
    const started = performance.now();
    say(paint("bold", `${index + 1}. ${title}`));
    try {
      told.push({ title, expected, seen: await run(world), ok: true });
    } catch (error) {
      told.push({ title, expected, seen: error instanceof Error ? error.message : String(error), ok: false });
    }
    const { seen, ok } = told.at(-1) as Told;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    say(
      `   ${ok ? paint("green", "ok") : paint("red", "NOT AS IT SHOULD BE")}  ${seen} ${paint("grey", `(${seconds} s)`)}`,
    );
  }
  return told;
}

/** The steps with what was expected and what was seen. */
export function summarise(told: readonly Told[]): void {
  say("");
  say(paint("bold", "What you have seen"));
  const width = Math.max(...told.map(({ title }) => title.length));
  for (const { title, expected, ok } of told) {
    say(`${ok ? paint("green", "ok    ") : paint("red", "FAILED")}  ${title.padEnd(width)}  ${expected}`);
  }
}
