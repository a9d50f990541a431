import { excerpt } from "../core/redact.ts";

/** What a form offers to choose from, as Windmill's drop-downs take it (DynamicInput.svelte): all answers are lists of these. Pure. */
export interface Choice {
  /** One line. */
  label: string;
  /** What the form submits; "" stands for a blank. */
  value: string;
  /** Shown, but not to be chosen. */
  disabled?: true;
}

/** What there is to choose from. */
export interface Offer {
  choices: readonly Choice[];
  /** What people should know, in one line: why the list is empty, or a warning; "" when there is nothing to say. */
  note: string;
}

/** Characters of a label. */
const LABEL = 160;
/** Characters of all choices: Windmill shows no result beyond about 90 kB, and then the drop-down is empty. */
const SIZE = 60_000;

/**
 * The choices of a field that takes one. The blank comes first, with the note in its place: Windmill shows it as long as nothing is
 * chosen.
 *
 * @param blank what leaving the field blank does.
 */
export const chooseOne = ({ choices, note }: Offer, blank: string): Choice[] => [
  { label: label(note || blank), value: "" },
  ...fitting(choices),
];

/** The choices of a field that takes several; the note is a line that cannot be chosen. */
export const chooseSeveral = ({ choices, note }: Offer): Choice[] => [
  ...(note === "" ? [] : [{ label: label(note), value: "", disabled: true as const }]),
  ...fitting(choices),
];

/** An offer of nothing, with the reason. */
export const nothing = (note: string): Offer => ({ choices: [], note });

/** A choice whose label is its value. */
export const plain = (value: string): Choice => ({ label: label(value), value });

const label = (text: string): string => excerpt(text, { limit: LABEL });

function fitting(choices: readonly Choice[]): Choice[] {
  let size = 0;
  const end = choices.findIndex((choice) => {
    size += JSON.stringify(choice).length;
    return size > SIZE;
  });
  if (end < 0) return [...choices];
  const rest = `and ${choices.length - end} more, which are too many to show`;
  return [...choices.slice(0, end), { label: rest, value: "", disabled: true }];
}
