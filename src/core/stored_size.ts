/**
 * How much space a result takes in Windmill's database. Windmill shows a result only while PostgreSQL's `pg_column_size` of it is
 * below 90,000 (backend/windmill-api/src/jobs.rs), and PostgreSQL compresses what is longer than 2 kB (pg_lzcompress.c: copies of at
 * least 3 bytes from the last 4,095). This is the same way of compressing with less effort, so that it never says less than
 * PostgreSQL would: it tries one earlier place per position, and takes the text of the JSON for its binary form.
 */

/** Bytes back that a copy can reach. */
const WINDOW = 4_095;
/** Bytes that a copy may have, and from which on one takes a byte more. */
const COPY = { least: 3, long: 18, most: 273 } as const;
/** Bits of the table of earlier places. */
const BITS = 13;
/** Items per control byte. */
const GROUP = 8;
/** PostgreSQL stores what it cannot make a quarter smaller as it is. */
const WORTH = 0.75;

/** Bytes that a JSON text takes at most when it is stored. */
export function storedSize(json: string): number {
  const bytes = new TextEncoder().encode(json);
  const { length } = bytes;
  const at = (index: number): number => bytes[index] ?? 0;
  const places = new Int32Array(1 << BITS).fill(-1);
  const place = (index: number): number =>
    (Math.imul(at(index) | (at(index + 1) << 8) | (at(index + 2) << 16), 2_654_435_761) >>> (32 - BITS)) &
    ((1 << BITS) - 1);
  let size = 0;
  let items = 0;
  for (let index = 0; index < length; ) {
    const slot = place(index);
    const before = places[slot] ?? -1;
    let copied = 0;
    if (before >= 0 && index - before <= WINDOW) {
      while (copied < COPY.most && index + copied < length && at(before + copied) === at(index + copied)) copied += 1;
    }
    const isCopy = copied >= COPY.least;
    const taken = isCopy ? copied : 1;
    for (let step = 0; step < taken; step++) places[place(index + step)] = index + step;
    index += taken;
    size += isCopy ? (copied >= COPY.long ? 3 : 2) : 1;
    items += 1;
  }
  const packed = size + Math.ceil(items / GROUP);
  return packed <= length * WORTH ? packed : length;
}
