import type { CheckWish, Due } from "../check/check.ts";
import type { CheckInput } from "../inputs/check.ts";
import type { Observation } from "../observe/observe.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { chooseDepth, fingerprintOf } from "./depth.ts";
import { recall } from "./recall.ts";

/** What a check is to look at, by its form: a depth, or what is due by the memory of the health flow. */
export const wishOfCheck = (windmill: Windmill, { depth, chat_every }: CheckInput): CheckWish =>
  depth === "auto" ? { due: (observation) => due(windmill, observation, chat_every) } : { depth };

async function due(windmill: Windmill, observation: Observation, chat_every: number): Promise<Due> {
  const [memory, fingerprint] = await Promise.all([recall(windmill), fingerprintOf(observation)]);
  const { depth, why } = chooseDepth({ memory, fingerprint, now: Date.now(), chat_every });
  return { depth, chosen: { why, fingerprint }, answered: memory?.unlisted ?? [] };
}
