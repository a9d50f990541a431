import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Trial } from "./plan.ts";

/** A trial with what is wrong; empty when the command survived. */
export interface Result extends Trial {
  problems: string[];
}

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

/**
 * Tries faults in processes of their own, because one process can try only one at a time.
 *
 * @param onResult called after each, in the order in which they end.
 */
export async function runTrials(
  trials: readonly Trial[],
  workers: number,
  onResult: (result: Result) => void = () => undefined,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    const child = fork(WORKER, { execArgv: ["--import", "tsx"] });
    const answer = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const died = (code: number | null) => reject(new Error(`A process that tries faults ended (${code}).`));
        child.once("exit", died);
        child.once("message", (message) => {
          child.off("exit", died);
          resolve(message);
        });
      });
    try {
      await answer();
      for (let trial = trials[next++]; trial; trial = trials[next++]) {
        const answered = answer();
        child.send(trial);
        const result: Result = { ...trial, problems: (await answered) as string[] };
        results.push(result);
        onResult(result);
      }
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, trials.length) }, lane));
  return results;
}
