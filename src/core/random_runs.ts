import { isKeyLike } from "./address.ts";

/** Texts that could be a key of any form, where nobody knows the key itself. */

/** Runs of 16 and more characters with digits and letters: what keys are made of, and hardly anything else. */
const RANDOM_RUN = /(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,}/g;

/** Whether a text holds something that could be a key and is nothing that is known to be open. */
export const mayHoldKey = (text: string, open: readonly string[]): boolean => maskRandom(text, open) !== text;

/** The text without anything that could be a key. Costs names their ends, so it is for texts of others only. */
export const maskRandom = (text: string, open: readonly string[]): string =>
  text.replace(RANDOM_RUN, (run) => (open.some((known) => known.includes(run)) ? run : "(hidden)"));

/** The text without what is surely made like a key: for texts that somebody shows us to have them explained. */
export const maskKeyLike = (text: string): string =>
  text.replace(RANDOM_RUN, (run) => (isKeyLike(run) ? "(hidden)" : run));
