/**
 * Prometheus' text format, https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4), which OpenMetrics scrapers read
 * too. Pure.
 */

/** What the text is, for the header of the answer. */
export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** One value with what tells it from its siblings. */
export interface Sample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/** A metric: what it is called, what it means, and its values now; without a value it is left out. */
export interface Family {
  /** By https://prometheus.io/docs/practices/naming/: a prefix, then what it is, then its base unit. */
  name: string;
  help: string;
  samples: readonly Sample[];
}

/** Characters of a label's value: a model's id may be as long as the gateway likes. */
const LABEL_LIMIT = 128;

/**
 * The families as text, all of them gauges. Samples with the same labels would make the scraper refuse everything, so that only the first
 * of them is kept; values that are no numbers are left out.
 */
export function exposition(families: readonly Family[]): string {
  return families
    .flatMap(({ name, help, samples }) => {
      const lines = new Map<string, string>();
      for (const { labels = {}, value } of samples) {
        if (!Number.isFinite(value)) continue;
        const series = `${name}${labelled(labels)}`;
        if (!lines.has(series)) lines.set(series, `${series} ${value}\n`);
      }
      return lines.size === 0
        ? []
        : [`# HELP ${name} ${escaped(help, /[\\\n]/g)}\n# TYPE ${name} gauge\n`, ...lines.values()];
    })
    .join("");
}

function labelled(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(short(value), /[\\\n"]/g)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** Cut between characters, and without halves of one: they are no UTF-8. */
const short = (value: string): string => [...value.replace(/\p{Cs}/gu, "")].slice(0, LABEL_LIMIT).join("");

const escaped = (text: string, signs: RegExp): string =>
  text.replace(signs, (sign) => (sign === "\n" ? "\\n" : `\\${sign}`));
