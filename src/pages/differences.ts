import type { ChangeView } from "../core/change_view.ts";
import { asRecord, differences as differ } from "../core/json.ts";
import { COLOURS } from "../core/words.ts";
import { type Html, html, table } from "./html.ts";

/** What a change changes, so that it can be read: lists as what comes and goes, texts line by line, objects place by place. Pure. */

/** Places of one change that are shown, items of a list, and lines of a text. */
const PLACES = 40;
const ITEMS = 12;
const LINES = 12;
/** Characters of a value. */
const VALUE = 300;

interface Difference {
  path: string;
  before: unknown;
  after: unknown;
}

/** Renders the places in which something differs. */
export function differences(all: ChangeView["differences"]): Html {
  const places = all.flatMap(leaves);
  const rows = places.slice(0, PLACES).map(({ path, before, after }) => [placeOf(path), ...sides(before, after)]);
  const more = places.length - PLACES;
  return html`${table(["Place", "Before", "After"], rows)}${more > 0 ? html`<p>and ${more} more places</p>` : null}`;
}

/** A dotted path, which may break at its dots. */
const placeOf = (path: string): Html =>
  html`<code>${(path || "value").split(".").map((part, index) => (index === 0 ? part : html`.<wbr>${part}`))}</code>`;

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isList = (value: unknown): value is unknown[] => Array.isArray(value) && !value.some(isObject);
const isNothing = (value: unknown): boolean => value === null || value === undefined;

/** The places inside of a place: down to texts, numbers and lists of them. */
function leaves({ path, before, after }: Difference): Difference[] {
  const inside = (value: unknown): boolean => isObject(value) && !isList(value) && Object.keys(value).length > 0;
  const either = (inside(before) && (inside(after) || isEmpty(after))) || (inside(after) && isEmpty(before));
  if (!either) return [{ path, before, after }];
  return differ(opened(before), opened(after)).flatMap((one) =>
    leaves({ ...one, path: path === "" ? one.path : `${path}.${one.path}` }),
  );
}

const isEmpty = (value: unknown): boolean => isNothing(value) || (isObject(value) && Object.keys(value).length === 0);

/** Lists of objects by the number of the entry. */
const opened = (value: unknown): Record<string, unknown> =>
  Array.isArray(value) ? Object.fromEntries(value.map((one, index) => [String(index + 1), one])) : asRecord(value);

/** The two cells of a place. */
function sides(before: unknown, after: unknown): [Html, Html] {
  if (
    (isList(before) || isNothing(before)) &&
    (isList(after) || isNothing(after)) &&
    (isList(before) || isList(after))
  ) {
    return listSides(before, after);
  }
  const texts = [before, after].filter((one) => typeof one === "string");
  if (texts.some((text) => text.includes("\n"))) return textSides(before, after);
  return [plain(before), plain(after)];
}

const plain = (value: unknown): Html => {
  if (isNothing(value)) return html`<span style="opacity:.75">none</span>`;
  if (isObject(value))
    return html`<span style="opacity:.75">${Array.isArray(value) ? "an empty list" : "empty"}</span>`;
  return html`<code style="display:inline-block;min-width:9em;overflow-wrap:anywhere">${short(String(value))}</code>`;
};

const short = (text: string): string => (text.length > VALUE ? `${text.slice(0, VALUE - 1)}…` : text);

const mark = (sign: "+" | "−", text: string): Html =>
  html`<div style="border-left:3px solid ${sign === "+" ? COLOURS.good : COLOURS.bad};padding-left:6px;min-width:9em;overflow-wrap:anywhere"><b>${sign}</b> <code>${text}</code></div>`;

const aside = (words: string): Html => html`<div style="opacity:.7">${words}</div>`;

/** A list, by what goes and what comes. */
function listSides(before: unknown[] | null | undefined | unknown, after: unknown): [Html, Html] {
  const [was, is] = [textsOf(before), textsOf(after)];
  const gone = was.filter((one) => !is.includes(one));
  const come = is.filter((one) => !was.includes(one));
  const stay = was.length - gone.length;
  if (gone.length === 0 && come.length === 0) return [inOrder(was), inOrder(is)];
  const side = (value: unknown, all: string[], changed: string[], sign: "+" | "−"): Html =>
    isNothing(value)
      ? plain(null)
      : html`${changed.slice(0, ITEMS).map((one) => mark(sign, short(one)))}${
          changed.length > ITEMS ? aside(`${sign} ${changed.length - ITEMS} more`) : null
        }${aside(counted(all.length, stay))}`;
  return [side(before, was, gone, "−"), side(after, is, come, "+")];
}

const textsOf = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);

const counted = (all: number, stay: number): string =>
  stay === 0 ? `${all} in all` : `${all} in all, ${stay} ${stay === 1 ? "stays" : "stay"}`;

/** Only the order differs. */
const inOrder = (all: readonly string[]): Html =>
  html`${all.slice(0, ITEMS).map((one, index) => html`<div>${index + 1}. <code>${short(one)}</code></div>`)}${
    all.length > ITEMS ? aside(`and ${all.length - ITEMS} more`) : null
  }`;

/** A text of several lines, by the lines that go and come. */
function textSides(before: unknown, after: unknown): [Html, Html] {
  const lines = (value: unknown): string[] => (isNothing(value) ? [] : String(value).split("\n"));
  const [was, is] = [lines(before), lines(after)];
  const { gone, come } = changedLines(was, is);
  const side = (value: unknown, all: string[], changed: string[], sign: "+" | "−"): Html =>
    isNothing(value)
      ? plain(null)
      : html`${changed.slice(0, LINES).map((one) => mark(sign, short(one)))}${
          changed.length > LINES ? aside(`${sign} ${changed.length - LINES} more lines`) : null
        }${aside(linesCounted(all.length, was.length - gone.length))}`;
  return [side(before, was, gone, "−"), side(after, is, come, "+")];
}

const linesCounted = (all: number, stay: number): string =>
  `${all} line${all === 1 ? "" : "s"}${stay === 0 ? "" : `, ${stay} as before`}`;

/** Lines on each side beyond which they are compared without their order: the table of the longest common part grows with both. */
const COMPARED = 400;

/** The lines that are in the one text and not in the other, in their order. */
function changedLines(was: readonly string[], is: readonly string[]): { gone: string[]; come: string[] } {
  if (was.length > COMPARED || is.length > COMPARED) {
    return { gone: was.filter((line) => !is.includes(line)), come: is.filter((line) => !was.includes(line)) };
  }
  // longest[i][j] = lines that the texts have in common from line i and line j on.
  const longest = Array.from({ length: was.length + 1 }, () => new Array<number>(is.length + 1).fill(0));
  const at = (i: number, j: number): number => longest[i]?.[j] ?? 0;
  for (let i = was.length - 1; i >= 0; i--) {
    for (let j = is.length - 1; j >= 0; j--) {
      const row = longest[i] as number[];
      row[j] = was[i] === is[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const gone: string[] = [];
  const come: string[] = [];
  let [i, j] = [0, 0];
  while (i < was.length || j < is.length) {
    if (i < was.length && j < is.length && was[i] === is[j]) {
      i += 1;
      j += 1;
    } else if (j >= is.length || (i < was.length && at(i + 1, j) >= at(i, j + 1))) gone.push(was[i++] as string);
    else come.push(is[j++] as string);
  }
  return { gone, come };
}
