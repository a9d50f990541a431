import type { Setup } from "./history.ts";
import type { Draft } from "./generate.ts";
import type { Random } from "./random.ts";

/** A bias of the generator to one kind of trouble. */
export interface Focus {
  /** What it looks for, as a sentence. */
  about: string;
  /** The actions of a history; it may change the setup too. */
  actions(luck: Random, setup: Setup): Draft[];
}

export const FOCUSES: Readonly<Record<string, Focus>> = {};
