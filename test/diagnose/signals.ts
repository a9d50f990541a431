import type { Outcome } from "../../src/core/shapes.ts";
import type { Signal } from "../../src/diagnose/reading.ts";
import type { Row } from "../../src/table/row.ts";

/** Answers for tests, in the form in which Windmill's proxy passes them on. */

export const outcomeOf = (parts: Partial<Outcome>): Outcome => ({
  status: 400,
  content_type: "text/plain",
  body: "",
  truncated: false,
  ms: 1,
  ...parts,
});

export const signalOf = (parts: Partial<Outcome>, about: Partial<Omit<Signal, "outcome">> = {}): Signal => ({
  outcome: outcomeOf(parts),
  route: null,
  kind: "chat",
  model: null,
  ...about,
});

/** What arrives when the gateway answers with an error: Windmill makes it a 400 with the raw body. */
export const gatewaySays = (body: unknown): Signal =>
  signalOf({ body: typeof body === "string" ? body : JSON.stringify(body) });

/** What arrives when Windmill cannot reach the gateway. */
export const windmillFails = (why: string, url = "https://gw.example.com/v1/chat/completions"): Signal =>
  signalOf({ status: 500, body: `Error: error sending request for url (${url}): ${why} @ai.rs:950:20` });

/** An example of a row as a signal. */
export function exampleSignal(example: Row["examples"][number]): Signal {
  const { status, body, content_type, location, failure, problem, route, kind } = example;
  return signalOf(
    {
      status: status === undefined ? 400 : status,
      content_type: content_type ?? "text/plain",
      body: typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body),
      ...(location === undefined ? {} : { location }),
      ...(failure === undefined ? {} : { failure }),
    },
    { route: route ?? null, kind: kind ?? "chat", ...(problem === undefined ? {} : { problem: { kind: problem } }) },
  );
}
