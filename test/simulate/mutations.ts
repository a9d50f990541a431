/** Ways to make the product wrong, to see that somebody notices: each changes a line of it on its way into the process. */
export interface Mutation {
  /** What is wrong then, as a sentence. */
  about: string;
  /** Name of the invariant that must notice. */
  breaks: string;
  /** Where it shows soonest: a focus of the generator; null for any history. */
  focus: string | null;
  /** The file, below the repository's root. */
  file: string;
  /** What is changed, as it stands in the file's JavaScript; there exactly once. */
  from: RegExp;
  /** What stands there instead. */
  to: string;
}

export const MUTATIONS: Readonly<Record<string, Mutation>> = {};
