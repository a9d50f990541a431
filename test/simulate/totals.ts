import type { Done } from "./player.ts";
import type { Stats, Violation } from "./simulation.ts";

/** What was in a run of many histories, added up. */
export interface Totals {
  histories: number;
  failed: number;
  cpuMs: number;
  stats: Stats | null;
  styles: Map<string, number>;
  coverage: Map<string, number>;
  /** By invariant and rule: how many histories, the first seeds, and an example. */
  rules: Map<string, { times: number; seeds: number[]; example: Violation }>;
}

export const newTotals = (): Totals => ({
  histories: 0,
  failed: 0,
  cpuMs: 0,
  stats: null,
  styles: new Map(),
  coverage: new Map(),
  rules: new Map(),
});

/** Adds a history. */
export function takeIn(totals: Totals, { seed, style, violations, stats, coverage, cpuMs, broken }: Done): void {
  totals.histories += 1;
  totals.cpuMs += cpuMs;
  if (violations.length > 0 || broken !== "") totals.failed += 1;
  totals.styles.set(style, (totals.styles.get(style) ?? 0) + 1);
  for (const [what, times] of coverage) totals.coverage.set(what, (totals.coverage.get(what) ?? 0) + times);
  if (stats) {
    const sum = totals.stats ?? (Object.fromEntries(Object.keys(stats).map((name) => [name, 0])) as unknown as Stats);
    for (const name of Object.keys(stats) as (keyof Stats)[]) sum[name] += stats[name];
    totals.stats = sum;
  }
  const said: Violation[] =
    broken === "" ? violations : [{ invariant: "The simulator", rule: "broken", at: 0, says: broken }];
  for (const example of said) {
    const name = `${example.invariant}: ${example.rule}`;
    const known = totals.rules.get(name) ?? { times: 0, seeds: [], example };
    known.times += 1;
    if (known.seeds.length < 6) known.seeds.push(seed);
    totals.rules.set(name, known);
  }
}

/** What was in them, in lines. */
export function tellTotals(totals: Totals, seconds: number): string {
  const { histories, failed, stats, styles, rules, cpuMs } = totals;
  const days = ((stats?.virtualMs ?? 0) / 86_400_000).toFixed(1);
  const lines = [
    `${histories} histories in ${Math.round(seconds)} s (${Math.round((histories / seconds) * 60)} a minute, ${Math.round(cpuMs / Math.max(histories, 1))} ms of a core each): ${failed === 0 ? "all hold" : `${failed} DO NOT HOLD`}`,
    `${[...styles].map(([style, count]) => `${count} x ${style}`).join(", ")}; ${days} days of virtual time`,
    stats
      ? `${stats.commands} commands, ${stats.ticks} ticks, ${stats.kills} processes killed (${stats.restarts} lives again under the same id), ${stats.calls} calls (${stats.troubles} in trouble), ${stats.asked} questions of members (${stats.refused} refused), ${stats.alerts} messages`
      : "",
  ];
  for (const [name, { times, seeds, example }] of [...rules].sort((a, b) => b[1].times - a[1].times)) {
    lines.push(
      `${String(times).padStart(5)}  ${name} (seeds ${seeds.join(", ")})\n       ${example.says.slice(0, 400)}`,
    );
  }
  return lines.filter((line) => line !== "").join("\n");
}

const COMMANDS = ["connect", "repair", "rotate_key", "undo", "disconnect"];

/** The table of coverage: at how many of its calls each command was killed, which causes there were, which edit met which command. */
export function tellCoverage({ coverage }: Totals): string {
  const keys = [...coverage.keys()];
  const lines = ["", "coverage"];
  for (const command of COMMANDS) {
    const calls = keys
      .filter((key) => key.startsWith(`call of ${command}: `))
      .map((key) => key.slice(`call of ${command}: `.length));
    const killed = (when: string) =>
      new Set(
        keys
          .filter((key) => key.startsWith(`killed ${when}: ${command}: `))
          .map((key) => key.slice(`killed ${when}: ${command}: `.length)),
      );
    const [before, after] = [killed("before"), killed("after")];
    const never = calls.filter((call) => !before.has(call) && !after.has(call));
    lines.push(
      `  ${command.padEnd(10)} died before ${before.size} and after ${after.size} of its ${calls.length} kinds of call${never.length > 0 ? `; never at ${never.length}, e.g. ${never.slice(0, 2).join(", ")}` : ""}`,
    );
  }
  const causes = keys.filter((key) => key.startsWith("cause: ")).map((key) => key.slice("cause: ".length));
  const pairs = keys.filter((key) => key.startsWith("causes together: "));
  lines.push(`  causes     ${causes.length} alone: ${causes.sort().join(", ")}; ${pairs.length} pairs`);
  const edits = keys.filter((key) => /^by hand: \w+$/.test(key)).map((key) => key.slice("by hand: ".length));
  for (const command of COMMANDS) {
    const met = edits.filter(
      (edit) => coverage.has(`by hand: ${edit} after ${command}`) || coverage.has(`by hand: ${edit} during ${command}`),
    );
    const during = edits.filter((edit) => coverage.has(`by hand: ${edit} during ${command}`));
    lines.push(
      `  ${command.padEnd(10)} was met by ${met.length} of ${edits.length} kinds of edit by hand, by ${during.length} while it ran`,
    );
  }
  const troubles = keys
    .filter((key) => key.startsWith("trouble: "))
    .map((key) => `${key.slice("trouble: ".length)} (${coverage.get(key)})`);
  lines.push(`  troubles   ${troubles.sort().join(", ")}`);
  return lines.join("\n");
}
