import * as z from "zod";
import type { KnownFact } from "./collapse.ts";

/**
 * What the key's own figures (GET /usage, Codex Pooler only) foretell without spending a token: Windmill reserves the largest
 * answer that a model may give before it sends a chat, and a limit smaller than that refuses every chat.
 */

const Usage = z.looseObject({
  limits: z.array(
    z.looseObject({
      limit_type: z.string(),
      limit_window: z.string(),
      max_value: z.number(),
      remaining_value: z.number(),
    }),
  ),
});

/**
 * @param body the answer's text; any other shape says nothing.
 * @param reservations tokens that Windmill reserves per request, by model id.
 */
export function usageFacts(body: string, reservations: ReadonlyMap<string, number>): KnownFact[] {
  const limits = tokenLimits(body);
  return [...reservations].flatMap(([model, tokens]) => {
    const small = limits.find(({ max_value }) => max_value < tokens);
    const spent = limits.find(({ remaining_value }) => remaining_value < tokens);
    if (small) {
      const seen = `${small.max_value} tokens ${small.limit_window}, Windmill reserves ${tokens}`;
      return [{ code: "key-limit-below-reservation", seen, model }];
    }
    if (!spent) return [];
    const seen = `${spent.remaining_value} of ${spent.max_value} tokens ${spent.limit_window} left, Windmill reserves ${tokens}`;
    return [{ code: "key-limit-reached", seen, model }];
  });
}

function tokenLimits(body: string): z.infer<typeof Usage>["limits"] {
  try {
    const parsed = Usage.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data.limits.filter(({ limit_type }) => limit_type === "total_tokens") : [];
  } catch {
    return [];
  }
}
