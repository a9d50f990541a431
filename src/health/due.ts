import type { CheckWish, Due } from "../check/check.ts";
import { HEALTH_FLOW } from "../core/paths.ts";
import type { CheckInput } from "../inputs/check.ts";
import { fingerprintOf } from "../observe/fingerprint.ts";
import type { Observation } from "../observe/observe.ts";
import { pastRuns } from "../windmill/jobs.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { chooseDepth, type DepthChoice } from "./depth.ts";
import { recall } from "./recall.ts";
import type { HealthState } from "./state.ts";

/** What a check is to look at, by its form: a depth, or what is due by the memory of the health flow. */
export const wishOfCheck = (
  windmill: Windmill,
  { depth, chat_every }: Pick<CheckInput, "depth" | "chat_every">,
): CheckWish =>
  depth === "auto" ? { due: (observation) => due(windmill, observation, chat_every), patient: true } : { depth };

/** Where it is not known what is due. */
const WITHOUT_MEMORY: Readonly<Record<"hidden" | "unreadable", DepthChoice>> = {
  hidden: { depth: "chat", why: "Whoever runs this may not read the memory of the health flow." },
  unreadable: { depth: "free", why: "Windmill did not give the memory of the health flow." },
};

async function due(windmill: Windmill, observation: Observation, chat_every: number): Promise<Due> {
  const [memory, fingerprint] = await Promise.all([recall(windmill), fingerprintOf(observation)]);
  if (memory === "hidden" || memory === "unreadable") {
    const { depth, why } = WITHOUT_MEMORY[memory];
    return { depth, chosen: { why, fingerprint }, answered: [] };
  }
  const question = { memory, fingerprint, now: Date.parse(observation.at), chat_every };
  const first = chooseDepth(question);
  const { depth, why } =
    first.depth === "free" ? first : chooseDepth({ ...question, unremembered: await unremembered(windmill, memory) });
  return { depth, chosen: { why, fingerprint }, answered: memory?.unlisted ?? [] };
}

/** When the last run of the flow was queued that failed after the last one that is remembered. Who may not see runs knows of none. */
async function unremembered(windmill: Windmill, memory: HealthState | null): Promise<string | null> {
  const wish = { after: memory?.last?.at, succeeded: false, count: 1 };
  const [last] = await pastRuns(windmill, HEALTH_FLOW, wish).catch(() => []);
  return last?.at ?? null;
}
