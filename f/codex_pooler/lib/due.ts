import "eventsource-parser@3.1.1";
import "windmill-client@1.818.0";
import "zod@4.6.7";
import type { CheckWish, Due } from "./checking.ts";
import { chooseDepth, fingerprintOf } from "./depth.ts";
import type { CheckInput } from "./inputs.ts";
import type { Observation } from "./observe.ts";
import { recall } from "./recall.ts";
import type { Windmill } from "./windmill.ts";

/** What a check is to look at, by its form: a depth, or what is due by the memory of the health flow. */
export const wishOfCheck = (windmill: Windmill, { depth, chat_every }: CheckInput): CheckWish =>
  depth === "auto" ? { due: (observation) => due(windmill, observation, chat_every) } : { depth };

async function due(windmill: Windmill, observation: Observation, chat_every: number): Promise<Due> {
  const [memory, fingerprint] = await Promise.all([recall(windmill), fingerprintOf(observation)]);
  const { depth, why } = chooseDepth({ memory, fingerprint, now: Date.now(), chat_every });
  return { depth, chosen: { why, fingerprint }, answered: memory?.unlisted ?? [] };
}
