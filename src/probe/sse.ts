import { createParser } from "eventsource-parser";

/** One server-sent event, as far as OpenAI-shaped streams use it. */
export interface ServerEvent {
  /** The `event:` field; "" when there is none. */
  event: string;
  /** The `data:` lines, joined by newlines. */
  data: string;
}

/** The events of a whole stream. Comments such as keepalives are skipped, and an event that no empty line ends does not count. */
export function parseEvents(text: string): ServerEvent[] {
  const events: ServerEvent[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => events.push({ event: event ?? "", data }) });
  // A text is complete, so its line ends can be evened out first: the parser holds back a final CR, which might become CRLF.
  parser.feed(text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  return events;
}
