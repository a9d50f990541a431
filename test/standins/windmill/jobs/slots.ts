/** A bounded number of places in which tasks run, the longest waiting first. */
export interface Slots {
  /** Runs the task when a place is free. */
  take(task: () => Promise<void>): Promise<void>;
}

/** @param limit how many tasks may run at a time; asked again whenever a place could be given */
export function createSlots(limit: () => number): Slots {
  const waiting: (() => void)[] = [];
  let running = 0;
  const admit = () => {
    while (running < limit() && waiting.length > 0) {
      running += 1;
      waiting.shift()?.();
    }
  };
  return {
    async take(task) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        admit();
      });
      try {
        await task();
      } finally {
        running -= 1;
        admit();
      }
    },
  };
}
