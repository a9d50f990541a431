/** A worker's places: a bounded number of tasks run at a time, the longest waiting is taken first. */
export interface Slots {
  /** How many tasks may run at a time. */
  limit: number;
  /** Whether a task would run at once. */
  readonly free: boolean;
  /** Runs the task when there is a place. */
  take(task: () => Promise<void>): Promise<void>;
  /** Takes no further task but the next `count`; Infinity ends that. */
  allow(count: number): void;
}

export function createSlots(limit: number): Slots {
  const waiting: (() => void)[] = [];
  let running = 0;
  let allowed = Number.POSITIVE_INFINITY;
  const admit = () => {
    while (running < slots.limit && allowed > 0 && waiting.length > 0) {
      running += 1;
      allowed -= 1;
      waiting.shift()?.();
    }
  };
  const slots: Slots = {
    limit,
    get free() {
      return running < slots.limit && allowed > 0;
    },
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
    allow(count) {
      allowed = count;
      admit();
    },
  };
  return slots;
}
