// A loader of modules that changes one of them on its way: how the product is made wrong without touching its files. Plain
// JavaScript, because Node loads it before anything that reads TypeScript. `from` has to be there exactly once: a mutation that
// changes nothing would prove nothing.

/** @type {{ file: string, from: string, to: string }} */
let change;

export function initialize(data) {
  change = data;
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.split("?")[0].endsWith(`/${change.file}`)) return loaded;
  const source = String(loaded.source);
  const found = source.match(new RegExp(change.from, "g"))?.length ?? 0;
  if (found !== 1)
    throw new Error(`The mutation of ${change.file} is stale: what it changes is there ${found} times.\n${source}`);
  return { ...loaded, source: source.replace(new RegExp(change.from), change.to) };
}
