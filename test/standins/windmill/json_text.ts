import { notJson } from "./errors.ts";

/** A JSON value with the place where it ends, which Windmill's refusals name (`at line 1 column 20`). */
export interface JsonNode {
  value: unknown;
  /** `at line <l> column <c>` of the value's last character. */
  end: string;
  /** Of an object, in the order of the text. */
  entries?: { key: string; keyEnd: string; node: JsonNode }[];
  /** Of an array. */
  items?: JsonNode[];
}

const BLANKS = new Set([..." \t\r\n"].map((sign) => sign.charCodeAt(0)));
const LITERAL = /(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)/y;

/**
 * Reads JSON the way Windmill's server does, with its wording of mistakes.
 * @throws ApiError 400
 */
export function parseJson(text: string): JsonNode {
  let at = 0;
  const place = (position = at) => {
    const before = text.slice(0, position);
    return `at line ${before.split("\n").length} column ${position - before.lastIndexOf("\n") - 1}`;
  };
  // Places are worked out when somebody asks for them: few do, and a large document has thousands.
  const node = (value: unknown, parts: Pick<JsonNode, "entries" | "items"> = {}): JsonNode => {
    const position = at;
    return {
      value,
      ...parts,
      get end() {
        return place(position);
      },
    };
  };
  const fail = (why: string): never => {
    if (at < text.length) at += 1;
    throw notJson(`${why} ${place()}`);
  };
  const eof = (what: string) => (at >= text.length ? fail(`EOF while parsing ${what}`) : undefined);
  const blanks = () => {
    while (BLANKS.has(text.charCodeAt(at))) at += 1;
  };

  const string = (): string => {
    const start = at;
    for (at += 1; text[at] !== '"'; at += text[at] === "\\" ? 2 : 1) eof("a string");
    at += 1;
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      return fail("control character (\\u0000-\\u001F) found while parsing a string");
    }
  };

  const object = (): JsonNode => {
    const entries: NonNullable<JsonNode["entries"]> = [];
    at += 1;
    for (;;) {
      blanks();
      eof("an object");
      if (text[at] === "}" && entries.length === 0) break;
      if (text[at] !== '"') fail(text[at] === "}" ? "trailing comma" : "key must be a string");
      const key = string();
      const keyAt = at;
      blanks();
      eof("an object");
      if (text[at] !== ":") fail("expected `:`");
      at += 1;
      const entry = {
        key,
        node: value(),
        get keyEnd() {
          return place(keyAt);
        },
      };
      entries.push(entry);
      blanks();
      eof("an object");
      if (text[at] === "}") break;
      if (text[at] !== ",") fail("expected `,` or `}`");
      at += 1;
    }
    at += 1;
    return node(Object.fromEntries(entries.map(({ key, node: inner }) => [key, inner.value])), { entries });
  };

  const array = (): JsonNode => {
    const items: JsonNode[] = [];
    at += 1;
    for (;;) {
      blanks();
      eof("a list");
      if (text[at] === "]" && items.length === 0) break;
      items.push(value());
      blanks();
      eof("a list");
      if (text[at] === "]") break;
      if (text[at] !== ",") fail("expected `,` or `]`");
      at += 1;
    }
    at += 1;
    return node(
      items.map((item) => item.value),
      { items },
    );
  };

  const scalar = (): JsonNode => {
    LITERAL.lastIndex = at;
    const literal = LITERAL.exec(text)?.[0];
    if (literal === undefined) return fail(/[tfn]/.test(text[at] ?? "") ? "expected ident" : "expected value");
    at += literal.length;
    return node(JSON.parse(literal));
  };

  const value = (): JsonNode => {
    blanks();
    eof("a value");
    if (text[at] === "{") return object();
    if (text[at] === "[") return array();
    if (text[at] === '"') return node(string());
    return scalar();
  };

  const root = value();
  blanks();
  if (at < text.length) fail("trailing characters");
  return root;
}
