/** The stand-in's time: the machine's clock plus what a test has moved it by, with timers that a move fires. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** The time as Windmill writes it in JSON. */
  iso(): string;
  /** Calls `task` when the clock reaches `time` (milliseconds since 1970), by itself or because it was moved. Returns the cancellation. */
  at(time: number, task: () => void | Promise<void>): () => void;
  /** Moves the clock forward and runs, in order and one after the other, every timer that became due on the way. */
  advance(ms: number): Promise<void>;
  /** Cancels every timer. */
  stop(): void;
  /**
   * Where jobs hand in their long waits (`POST <url>?ms=<milliseconds>`), which then pass at once and take this clock along; jobs wait
   * as long as they say when it is not set.
   */
  waitsAt?: string;
}

interface Timer {
  time: number;
  task: () => void | Promise<void>;
}

/** Node's longest delay; a timer further away is looked at again then. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** A clock that starts at the machine's time. Its timers do not keep the process alive. */
export function createClock(): Clock {
  let offset = 0;
  let wake: NodeJS.Timeout | undefined;
  const timers = new Set<Timer>();
  const now = () => Date.now() + offset;
  const next = () => [...timers].sort((a, b) => a.time - b.time)[0];

  const arm = () => {
    clearTimeout(wake);
    const timer = next();
    if (!timer) return;
    wake = setTimeout(() => void fireUntil(now()), Math.min(Math.max(timer.time - now(), 0), LONGEST_DELAY));
    wake.unref();
  };
  const fireUntil = async (target: number) => {
    for (let timer = next(); timer && timer.time <= target; timer = next()) {
      timers.delete(timer);
      offset += Math.max(timer.time - now(), 0);
      await timer.task();
    }
    arm();
  };

  return {
    now,
    iso: () => new Date(now()).toISOString(),
    at(time, task) {
      const timer = { time, task };
      timers.add(timer);
      arm();
      return () => {
        timers.delete(timer);
        arm();
      };
    },
    async advance(ms) {
      const target = now() + ms;
      await fireUntil(target);
      offset += Math.max(target - now(), 0);
    },
    stop() {
      timers.clear();
      clearTimeout(wake);
    },
  };
}
