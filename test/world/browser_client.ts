import { setTimeout as sleep } from "node:timers/promises";
import type { World } from "./world.ts";

/** A member's browser, as far as the gateway can tell: it chats over the server route. */

/** What the chat got. */
export interface Answer {
  status: number;
  text: string;
}

/** Asks once. */
export async function ask({ windmill, workspace }: World, model = "gpt-5.5"): Promise<Answer> {
  const response = await fetch(`${windmill.url}/api/w/${workspace.id}/ai/proxy/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${windmill.member.token}`, "x-provider": "customai" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Say ok." }] }),
  });
  return { status: response.status, text: await response.text() };
}

/** Milliseconds between two questions. */
const PAUSE_MS = 50;

/** Keeps asking while `work` goes on; answers what came of it, how many questions were served, and the refusals. */
export async function askMeanwhile<T>(
  world: World,
  work: Promise<T>,
  model?: string,
): Promise<{ result: T; served: number; refused: string[] }> {
  let ended = false;
  let served = 0;
  const refused: string[] = [];
  const client = (async () => {
    while (!ended) {
      const { status, text } = await ask(world, model);
      if (status === 200) served += 1;
      else refused.push(text);
      await sleep(PAUSE_MS);
    }
  })();
  const result = await work.finally(() => {
    ended = true;
  });
  await client;
  return { result, served, refused };
}
