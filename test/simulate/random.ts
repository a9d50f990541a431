/** Randomness that is the same for the same seed, on every machine. */
export interface Random {
  /** From 0 (included) to 1 (excluded). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** Whether something happens that happens with this probability. */
  chance(probability: number): boolean;
  /** One of them, each as likely. */
  pick<T>(items: readonly T[]): T;
  /** One of them, by weight. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T;
  /** A latency in ms: mostly near `typical`, sometimes many times that, as networks have it. */
  latency(typical: number): number;
  /** Randomness of its own for a part of the history, so that leaving out another part does not change it. */
  fork(label: string): Random;
}

/** FNV-1a over the text's characters, then mixed (splitmix32): 32 bits. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(value);
}

function mix(seed: number): number {
  let value = (seed + 0x9e3779b9) | 0;
  value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
  return (value ^ (value >>> 15)) >>> 0;
}

/** Randomness from a seed: sfc32. */
export function random(seed: string): Random {
  let a = hash(`${seed}/a`);
  let b = hash(`${seed}/b`);
  let c = hash(`${seed}/c`);
  let d = 1;
  const bits = (): number => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) bits();
  const self: Random = {
    next: () => bits() / 4294967296,
    int: (low, high) => low + Math.floor(self.next() * (high - low + 1)),
    chance: (probability) => self.next() < probability,
    pick<T>(items: readonly T[]): T {
      if (items.length === 0) throw new Error("There is nothing to pick from.");
      return items[Math.floor(self.next() * items.length)] as T;
    },
    weighted<T>(items: readonly (readonly [number, T])[]): T {
      let left = self.next() * items.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, item] of items) {
        left -= weight;
        if (left < 0) return item;
      }
      return (items.at(-1) as readonly [number, T])[1];
    },
    latency: (typical) => Math.max(1, Math.round(typical * 0.25 * (1 - Math.log(1 - self.next() * 0.999) * 3))),
    fork: (label) => random(`${seed}/${label}`),
  };
  return self;
}
