import { again } from "./invariants/again.ts";
import { bounded } from "./invariants/bounded.ts";
import { page } from "./invariants/page.ts";
import { proven } from "./invariants/proven.ts";
import { putBack } from "./invariants/put_back.ts";
import { secret } from "./invariants/secret.ts";
import { served } from "./invariants/served.ts";
import { told } from "./invariants/told.ts";
import type { Invariant } from "./simulation.ts";

/** Everything that must be so, with a memory of its own for one history. */
export const allInvariants = (): Invariant[] => [
  served(),
  putBack(),
  again(),
  told(),
  proven(),
  page(),
  secret(),
  bounded(),
];
