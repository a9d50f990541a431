import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Done, Order } from "./player.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** Histories after which a process is replaced: what the stand-ins keep is let go. */
const HISTORIES_PER_PROCESS = 400;

/**
 * Plays histories in processes of their own, because one process can play only one at a time.
 *
 * @param next the next order; null when there is none.
 * @param mutation name of the way in which the product is made wrong in these processes.
 * @param onDone called after each, in the order in which they end. When it answers false, no further one begins.
 */
export async function playAll(
  lanes: number,
  next: () => Order | null,
  onDone: (done: Done) => boolean,
  mutation: string | null = null,
): Promise<void> {
  const env = { ...process.env, ...(mutation === null ? {} : { SIMULATE_MUTATION: mutation }) };
  let goesOn = true;
  const lane = async (): Promise<void> => {
    while (goesOn) {
      const child = fork(WORKER, { execArgv: ["--import", "tsx"], env });
      const answer = (): Promise<unknown> =>
        new Promise((resolve, reject) => {
          const died = (code: number | null) => reject(new Error(`A process that plays histories ended (${code}).`));
          child.once("exit", died);
          child.once("message", (message) => {
            child.off("exit", died);
            resolve(message);
          });
        });
      try {
        await answer();
        for (let count = 0; goesOn && count < HISTORIES_PER_PROCESS; count++) {
          const order = next();
          if (!order) return;
          const answered = answer();
          child.send(order);
          if (!onDone((await answered) as Done)) goesOn = false;
        }
      } finally {
        child.kill();
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
