/**
 * How many requests are under way at a time. A check shares the gateway's places with people, so it begins with few, takes more while
 * answers come quickly, which leaves a place within a moment, and goes back to few when they are slow. Who is refused for want of a
 * place is asked again later, by fewer: a check must not report the crowd that it is itself.
 */

/**
 * Requests to begin with, and the most at any time. Codex Pooler runs 24 completions at once, queues what comes beyond and gives up
 * after 10 s in the queue: 8 slow ones leave 16 places for people, 20 quick ones leave 4 and are over before anybody notices.
 */
export const FEW = 8;
export const MOST = 20;
/** Milliseconds up to which an answer was quick. */
const QUICK_MS = 1_500;
/** Milliseconds to wait before those that found no place are asked again. */
const PAUSE_MS = 2_000;
/** Rounds in which they are asked again, and milliseconds after which no further round begins. */
const ROUNDS = 3;
const PATIENCE_MS = 60_000;

/** What is asked, and what is to be known of an answer. */
export interface Crowd<T> {
  /** Asks one, by its index; null where there was no time for it. Does not throw. */
  ask(index: number): Promise<T | null>;
  /** Whether it was refused because there was no place. */
  isBusy(answer: T): boolean;
  /** Called after each one that is over. */
  onDone?(): void;
}

/** Asks `count` requests, in order of their index, and answers what came back in that order; null for what was not asked. */
export async function askInTurns<T>(count: number, crowd: Crowd<T>): Promise<(T | null)[]> {
  const answers: (T | null)[] = new Array(count).fill(null);
  const started = performance.now();
  const pace = { limit: FEW };
  let open = Array.from({ length: count }, (_, index) => index);
  for (let round = 0; open.length > 0; round++) {
    const last = round === ROUNDS || performance.now() - started > PATIENCE_MS;
    open = await askRound(open, answers, crowd, pace, last);
    if (open.length === 0) break;
    // The last time each stands alone, so that what is refused then is refused by others' doing.
    if (round + 1 === ROUNDS) pace.limit = 1;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return answers;
}

/** One round. @returns those that found no place; none when it is the `last` one. */
async function askRound<T>(
  indices: readonly number[],
  answers: (T | null)[],
  { ask, isBusy, onDone }: Crowd<T>,
  pace: { limit: number },
  last: boolean,
): Promise<number[]> {
  const again: number[] = [];
  const waiting = [...indices];
  let under_way = 0;
  /** Requests that went out before the last refusal say nothing of the limit that came after it. */
  let turn = 0;
  await new Promise<void>((resolve) => {
    const next = (): void => {
      if (waiting.length === 0 && under_way === 0) resolve();
      while (under_way < pace.limit && waiting.length > 0) {
        const index = waiting.shift() as number;
        const born = turn;
        const sent = performance.now();
        under_way += 1;
        void ask(index).then((answer) => {
          under_way -= 1;
          // Who found no place before and has no time for another try was refused.
          answers[index] = answer ?? answers[index] ?? null;
          const busy = answer !== null && isBusy(answer);
          if (busy) {
            if (born === turn) {
              turn += 1;
              pace.limit = Math.max(1, Math.floor(pace.limit / 2));
            }
            if (!last) again.push(index);
          } else if (performance.now() - sent > QUICK_MS) pace.limit = Math.min(pace.limit, FEW);
          else if (turn === 0) pace.limit = Math.min(MOST, pace.limit + 1);
          if (!busy || last) onDone?.();
          next();
        });
      }
    };
    next();
  });
  return again;
}
