/** Characters of an id that count for its nearness: keeps the cost small whatever a gateway lists. */
const COMPARED = 64;
/** Served ids that are compared; a longer list is cut. */
const CANDIDATES = 500;

/**
 * The served ids, nearest to `id` first: same family (the text up to the last hyphen) before others, then fewest edits, then
 * the gateway's own order. Ids are compared in lower case, as Codex Pooler does.
 */
export function nearest(id: string, served: readonly string[]): string[] {
  const wanted = id.slice(0, COMPARED).toLowerCase();
  const family = familyOf(wanted);
  return served
    .slice(0, CANDIDATES)
    .map((candidate, order) => {
      const name = candidate.slice(0, COMPARED).toLowerCase();
      return {
        candidate,
        order,
        kin: familyOf(name) === family ? 0 : 1,
        edits: wanted ? editDistance(wanted, name) : 0,
      };
    })
    .sort((a, b) => a.kin - b.kin || a.edits - b.edits || a.order - b.order)
    .map(({ candidate }) => candidate);
}

const familyOf = (id: string): string => (id.includes("-") ? id.slice(0, id.lastIndexOf("-")) : id);

/** Levenshtein distance: insertions, deletions and replacements. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replace));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
