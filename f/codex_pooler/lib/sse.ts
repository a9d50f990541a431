/** One server-sent event, as far as OpenAI-shaped streams use it. */
export interface ServerEvent {
  /** The `event:` field; "" when there is none. */
  event: string;
  /** The `data:` lines, joined by newlines. */
  data: string;
}

/**
 * The events of a whole stream, by the rules of the HTML standard (section 9.2.6): any line end, comments such as keepalives are
 * skipped, one blank after the colon is dropped, and an event that no empty line ends does not count.
 */
export function parseEvents(text: string): ServerEvent[] {
  const events: ServerEvent[] = [];
  let event = "";
  let data: string[] = [];
  // What follows the last line end is a line that has not ended.
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .slice(0, -1);
  for (const line of lines) {
    if (line === "") {
      if (data.length > 0) events.push({ event, data: data.join("\n") });
      event = "";
      data = [];
      continue;
    }
    const [, field, value = ""] = /^([^:]*)(?:: ?([\s\S]*))?$/.exec(line) ?? [];
    if (field === "data") data.push(value);
    if (field === "event") event = value;
  }
  return events;
}
