import { type Listener, listen } from "../standins/gateway/http.ts";
import { startPooler } from "../standins/gateway/pooler.ts";

/** One gateway for every way in which a single request to it can fail. */
export interface BrokenGateways {
  /** Local ports. */
  ports: Record<"refusing" | "failing" | "silent" | "resetting" | "cutting", number>;
  /** Called when a request has reached the silent one. */
  onSilence: () => void;
  close(): Promise<void>;
}

export async function startBrokenGateways(): Promise<BrokenGateways> {
  const gateways: BrokenGateways = {
    ports: { refusing: 0, failing: 0, silent: 0, resetting: 0, cutting: 0 },
    onSilence: () => undefined,
    close: async () => undefined,
  };
  const listeners: Record<keyof BrokenGateways["ports"], Listener> = {
    // It repeats the key in its error, as a careless gateway does.
    refusing: await startPooler({ faults: [{ name: "key_in_error" }] }),
    failing: await startPooler({ faults: [{ name: "internal_error" }] }),
    silent: await listen(async () => gateways.onSilence()),
    resetting: await listen(async (request) => void request.socket.resetAndDestroy()),
    cutting: await listen(async (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"id":"chatcmpl-1","object":"chat.comp', () => response.destroy());
    }),
  };
  for (const [name, { port }] of Object.entries(listeners)) {
    gateways.ports[name as keyof BrokenGateways["ports"]] = port;
  }
  gateways.close = async () => {
    await Promise.all(Object.values(listeners).map((listener) => listener.close()));
  };
  return gateways;
}
