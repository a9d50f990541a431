/**
 * `pg_column_size` of a JSON value, as far as the stand-in knows it: PostgreSQL's own compression (src/common/pg_lzcompress.c, default
 * strategy), of the JSON text in place of its binary form, which is about as long.
 */

const WINDOW = 4_095;
const MOST = 273;
/** A copy that long is good enough; each further place that is looked at lowers it by a tenth. */
const GOOD = 128;
const DROP = 10;
/** Without a copy within so many bytes, PostgreSQL gives up. */
const FIRST_BY = 1_024;
const NEVER = -1;

/** Bytes of a JSON value in the database. */
export function storedSize(value: unknown): number {
  const bytes = new TextEncoder().encode(JSON.stringify(value ?? null));
  if (bytes.length <= 2_000) return bytes.length;
  const packed = compressed(bytes);
  return packed === NEVER ? bytes.length : packed;
}

function compressed(bytes: Uint8Array): number {
  const most = Math.floor(bytes.length * 0.75);
  const latest = new Map<number, number>();
  const earlier = new Int32Array(bytes.length).fill(NEVER);
  const at = (index: number): number => bytes[index] ?? 0;
  const key = (index: number): number =>
    bytes.length - index < 4
      ? at(index)
      : (at(index) << 6) ^ (at(index + 1) << 4) ^ (at(index + 2) << 2) ^ at(index + 3);
  const remember = (index: number): void => {
    earlier[index] = latest.get(key(index)) ?? NEVER;
    latest.set(key(index), index);
  };
  let written = 0;
  let items = 0;
  let found = false;
  for (let index = 0; index < bytes.length; ) {
    if (written >= most || (!found && written >= FIRST_BY)) return NEVER;
    const length = longestAt(bytes, index, latest.get(key(index)) ?? NEVER, earlier);
    const isCopy = length > 2;
    if (items % 8 === 0) written += 1;
    items += 1;
    written += isCopy ? (length > 17 ? 3 : 2) : 1;
    found ||= isCopy;
    for (const end = index + (isCopy ? length : 1); index < end; index++) remember(index);
  }
  return written >= most ? NEVER : written;
}

/** The longest text before a place that is the same as the one there. */
function longestAt(bytes: Uint8Array, index: number, from: number, earlier: Int32Array): number {
  let length = 0;
  let good = GOOD;
  for (let before = from; before !== NEVER && index - before < WINDOW; before = earlier[before] ?? NEVER) {
    let same = 0;
    while (same < MOST && index + same < bytes.length && bytes[before + same] === bytes[index + same]) same += 1;
    length = Math.max(length, same);
    if (length >= good) break;
    good -= Math.floor((good * DROP) / 100);
  }
  return length;
}
