import type { Layer, Owner, ProbeKind, Problem, Route, Severity } from "../core/shapes.ts";
import type { Topic } from "./topics.ts";

/** The shape of the diagnosis table: one row per cause that a person can do something about. */

/** A pattern, or a test where a pattern cannot tell, as with numbers to compare. */
export type Words = Pick<RegExp, "test">;

/**
 * One way to recognise a cause: every given condition must hold. The clause with the strongest conditions wins over the whole
 * table ({@link STRENGTH}); among equals the earlier row does.
 */
export interface Match {
  /** Windmill's own refusal, from its first character, without the ` @file.rs:1:2` behind it. */
  windmill?: RegExp;
  /** Why Windmill could not reach the gateway: what follows `error sending request for url (...)`. */
  transport?: RegExp;
  /** The job could not reach Windmill, or the answer did not arrive whole. */
  failure?: readonly ("timeout" | "network" | "aborted")[];
  /** The gateway's `error.code`, one that means this cause whatever the message says. */
  code?: readonly string[];
  /** A code or type that names the sort of cause: words that name another one win, and it yields to a message about other things. */
  sort?: readonly string[];
  /** The gateway's `error.type`, or a code that says no more than a type does: a class of causes. */
  type?: readonly string[];
  /** Words in the gateway's message or on its page that can mean nothing else, whatever else is said. */
  words?: Words;
  /** Words in the gateway's message or on its page. */
  text?: Words;
  /** What the words say in whatever wording: a subject and what is said of it. */
  gist?: Words;
  /** What is wrong with a 200. */
  problem?: readonly Problem[];
  /** The HTTP status that the gateway sent, as far as its text tells: Windmill turns all of them into 400. */
  said?: readonly number[];
  /** Whether the body is a web page. */
  page?: boolean;
  /** Whether the answer came from something in front of Windmill: neither Windmill's words nor passed on by it. */
  front?: boolean;
  location?: RegExp;
  /** Whether the body is empty. */
  empty?: boolean;
  /** Whether the provider behind the gateway says it. */
  upstream?: boolean;
  /** The HTTP status of the answer; an unknown one fits too. */
  status?: readonly number[];
  /** Statuses with which this cannot be it: a gateway's text always arrives in a 400. */
  unless_status?: readonly number[];
  route?: Route;
  kind?: readonly ProbeKind[];
  /** A general clause that yields to every other one of its strength. */
  last?: true;
}

/**
 * How much a fulfilled condition counts: whose words it is > an exact code > words that mean one thing > words > their gist > a sort > a type >
 * circumstances. A `sort` counts as a code where the message is silent. A clause without words yields to a message about something
 * that its row does not cover ({@link Row.covers}).
 */
export const STRENGTH: Readonly<Record<keyof Match, number>> = {
  windmill: 64,
  transport: 64,
  failure: 64,
  code: 32,
  front: 24,
  words: 22,
  location: 15,
  text: 15,
  gist: 13,
  sort: 12,
  problem: 8,
  type: 4,
  page: 2,
  empty: 2,
  said: 2,
  upstream: 1,
  status: 1,
  unless_status: 0,
  route: 1,
  kind: 1,
  last: -1,
};

/** An answer that this row is meant for; the tests feed each to the whole table, and the reference page shows its text. */
export interface Example {
  /** HTTP status of the answer; null = none arrived. 400 by default, as every error of a gateway. */
  status?: number | null;
  /** Text, or a JSON value. */
  body?: unknown;
  content_type?: string;
  location?: string;
  failure?: { kind: "timeout" | "network" | "aborted"; message: string };
  problem?: Problem;
  route?: Route;
  /** `chat` by default. */
  kind?: ProbeKind;
}

export interface Row {
  /** Stable, kebab-case: reports, alerts and states refer to it. */
  code: string;
  layer: Layer;
  severity: Severity;
  owner: Owner;
  /** One line. May hold `{placeholders}` of templates.ts, like cause and remedy. */
  title: string;
  /** What happened and why, in plain words. */
  cause: string;
  /** Exact steps, in order. Lines after the first of a step are a block to copy. */
  remedy: readonly string[];
  /** Whether the repair script can do it: repairs.ts has a row for the code. The remedy then ends by naming the script. */
  repairable?: boolean;
  /** Empty for rows that are raised from settings, not from an answer. */
  match: readonly Match[];
  /**
   * What a message may be about for a clause of this row that knows no words: about nothing else, where the clause has a type, a
   * status or a page; about this among other things, where it has a `sort`. A silent message fits every clause.
   */
  covers?: readonly Topic[];
  /** Codes of wider causes that this one is a case of: where both have words that fit, this one is meant. */
  narrows?: readonly string[];
  /** The code of the cause when the provider behind the gateway says these words: about the gateway's account, not about Windmill. */
  behind?: string;
  /** What distinguishes it from its look-alikes. */
  tells_apart?: string;
  /** What people see in a toast when the code is lost, and how likely this cause is among all with the same words (1 = most). */
  toasts?: readonly { text: RegExp; rank: number }[];
  /** Codes that are only consequences of this cause on the same connection; they are not reported beside it. */
  explains?: readonly string[];
  /** True when it is about the field that the message names: whom it hurts depends on which one (diagnose/refused_field.ts). */
  by_field?: true;
  /** True when it never heals by itself: people are told at once, as there is nothing to wait for. */
  lasting?: true;
  /** True when the cause means that nothing could be measured: the status is unknown then, not down. */
  blind?: boolean;
  examples: readonly Example[];
}
