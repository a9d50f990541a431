import { withoutReasons } from "../probe/said_status.ts";
import { EMPTY_WORDS, TOPICS, type Topic } from "../table/topics.ts";

/** What a message is about, so that a row which knows only its status or type can tell whether it explains it. */
export interface Saying {
  /** Whether the message says no more than a status and its reason phrase do. */
  silent: boolean;
  topics: ReadonlySet<Topic>;
}

/** Addresses, ids, versions and numbers: they say where or which, not why. */
const MARKS =
  /https?:\/\/\S+|\b[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/\S*)?|\/[\w./-]+|\b(?=\w*\d)[\w-]{6,}\b|\b\d[\d.,:%-]*\b|\breq[_-]\w+/gi;
/** What Codex Pooler puts in place of a message that it hides, and what OpenRouter says of every provider's error. */
const STAND_IN = /^(?:upstream request failed|provider returned error)\.?$/i;

const WORD = /[\p{L}_]{2,}/gu;

/** Reads a message for its topics. Linear in its length. */
export function sayingOf(message: string): Saying {
  const bare = withoutReasons(message).replace(MARKS, " ").toLowerCase();
  const words = bare.match(WORD) ?? [];
  const silent = STAND_IN.test(message.trim()) || words.every((word) => EMPTY_WORDS.has(word));
  const topics = (Object.keys(TOPICS) as Topic[]).filter((topic) => TOPICS[topic].test(message));
  return { silent, topics: new Set(silent ? [] : topics) };
}

/** Whether a row that covers these topics explains a message, as far as its topics tell. */
export const explains = ({ silent, topics }: Saying, covered: readonly Topic[]): boolean =>
  silent || (topics.size > 0 && [...topics].every((topic) => covered.includes(topic)));

/** Whether a message is about something that these topics have no part in. */
export const isForeign = ({ silent, topics }: Saying, covered: readonly Topic[]): boolean =>
  !silent && topics.size > 0 && ![...topics].some((topic) => covered.includes(topic));
