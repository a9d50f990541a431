import { ChangeReport } from "../../src/core/report.ts";
import { memoryIn, putMemory } from "../world/health_memory.ts";
import { reportOf, type World } from "../world/world.ts";
import type { Step } from "./tell.ts";

/** The dashboard after the story. The story ends with a disconnect, which removes what the dashboard shows. */
export interface Afterwards {
  /** Takes a copy of the memory before each step. */
  watching(steps: readonly Step[]): Step[];
  /** Connects once more, with the memory of the story. */
  open(): Promise<void>;
}

export const APP = "f/codex_pooler/dashboard";

export function afterwards(world: World): Afterwards {
  const { pooler, windmill, workspace } = world;
  let memory: Record<string, unknown> | null = null;
  const remember = (): void => {
    memory = structuredClone(memoryIn(workspace)) ?? memory;
  };
  return {
    watching: (steps) =>
      steps.map((step) => ({
        ...step,
        run(world) {
          remember();
          return step.run(world);
        },
      })),
    async open() {
      const api_key = await world.typeSecret([...pooler.keys.keys()].at(-1) ?? "");
      reportOf(await world.runConnect({ api_key, schedule: "every 5 minutes" }), ChangeReport);
      putMemory(windmill.store, workspace, memory);
    },
  };
}
