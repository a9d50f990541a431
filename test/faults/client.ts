import type { Scene } from "./scene.ts";

const send = globalThis.fetch;

/** Asks for a completion as a member's browser does; answers why it was refused, or "" when it was served. */
export async function ask({ windmill, workspace }: Scene, route: "server" | "worker"): Promise<string> {
  const response = await send(`${windmill.processes[route].url}/api/w/${workspace.id}/ai/proxy/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${windmill.member.token}`, "x-provider": "customai" },
    body: JSON.stringify({ model: "gpt-5.5", messages: [{ role: "user", content: "Say ok." }] }),
  });
  const body = await response.text();
  return response.status === 200 && body.includes('"content":"ok"') ? "" : `(${response.status}) ${body.slice(0, 200)}`;
}
