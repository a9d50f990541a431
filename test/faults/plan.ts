import { KINDS } from "./kinds.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { startGateways } from "./scene.ts";
import { prepare } from "./trial.ts";

/** Which call of which scenario fails how. */
export interface Trial {
  scenario: string;
  call: string;
  kind: string;
}

/** Every fault that there is to try, and what is wrong with the undisturbed runs that they were read off. */
export interface TrialPlan {
  trials: Trial[];
  /** By the scenario's name. */
  undisturbed: Map<string, string[]>;
}

/** Runs every scenario undisturbed and lets each of its calls fail in each way that has a meaning for it. */
export async function planTrials(scenarios: readonly Scenario[] = SCENARIOS): Promise<TrialPlan> {
  const gateways = await startGateways();
  const plan: TrialPlan = { trials: [], undisturbed: new Map() };
  try {
    for (const scenario of scenarios) {
      const { calls, problems } = await prepare(gateways, scenario);
      plan.undisturbed.set(scenario.name, problems);
      for (const { name: kind, concerns } of KINDS) {
        plan.trials.push(...calls.filter(concerns).map((call) => ({ scenario: scenario.name, call, kind })));
      }
    }
    return plan;
  } finally {
    await gateways.close();
  }
}

/** Spreads any whole number over 0 to 1 so that neighbours lie far apart. */
const spread = (index: number): number => (index * 0.618_033_988_75) % 1;

/** At most about `size` of the trials: the same ones every time, of every scenario and kind alike. */
export function sampleOf(trials: readonly Trial[], size: number): Trial[] {
  const groups = new Map<string, Trial[]>();
  for (const trial of trials) {
    const name = `${trial.scenario} ${trial.kind}`;
    groups.set(name, [...(groups.get(name) ?? []), trial]);
  }
  const share = Math.max(1, Math.floor(size / groups.size));
  return [...groups.values()].flatMap((group, index) => {
    const count = Math.min(share, group.length);
    return Array.from({ length: count }, (_, nth) => {
      return group[Math.floor(((nth + spread(index)) / count) * group.length)] as Trial;
    });
  });
}
