/** Ways to make the product wrong, to see that somebody notices. */
export interface Mutation {
  /** What is wrong then, as a sentence. */
  about: string;
  /** Name of the invariant that must notice. */
  breaks: string;
  /** Where it shows soonest: a focus of the generator; null for any history. */
  focus: string | null;
  /** Makes it so, and answers what undoes it. */
  apply(): Promise<() => void>;
}

export const MUTATIONS: Readonly<Record<string, Mutation>> = {};
