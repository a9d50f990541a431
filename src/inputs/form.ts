/** What a person sees of a form: the words and hints of a script's inputs. Names, types and required come from its `main`. */

/** A hint of a form field that Windmill's form reads. */
export interface FormField {
  title: string;
  /** Markdown, shown below the title. */
  description?: string;
  placeholder?: string;
  /** What stands in the field first; where `main` has a literal default, that one counts. */
  default?: unknown;
  format?: string;
  password?: boolean;
  /** What is shown for a value of an enum. */
  enumLabels?: Readonly<Record<string, string>>;
  /** Stands behind the toggle `more`, until somebody turns it on or something fills the field. */
  more?: true;
}

/** The toggle in front of the fields that few people need. */
export const moreOptions: FormField = {
  title: "More options",
  description: "Shows what few people need. Nothing is done with it by itself.",
  default: false,
};

/** Fields of every form that changes something. */
export const changeFields = {
  mode: {
    title: "Mode",
    description: "plan: change nothing, show what would change. apply: make the changes.",
    default: "plan",
  },
  plan_id: {
    title: "Plan",
    description:
      "The id of a plan that was shown, which its link fills in: exactly that plan is applied, or nothing because something has changed since. Blank: what is needed now.",
    default: "",
    more: true,
  },
  server_url: {
    title: "Server address",
    description:
      "Where a worker reaches the Windmill server, when the instance's own address does not work from there. Usually blank.",
    placeholder: "http://windmill_server:8000",
    default: "",
    more: true,
  },
} as const satisfies Record<string, FormField>;

/** The form of a script. */
export interface Form {
  /** One line for the home page. A script that is only a step says so here. */
  summary: string;
  /** Markdown, shown above the form. */
  description: string;
  /** Seconds after which Windmill ends a run. */
  timeout_s: number;
  /**
   * Fields that make the form offer what stands in others. A link fills them too: Windmill drops a choice that is not offered, and what a
   * gateway lists cannot always be read. What is always offered (`besides`) is left out.
   */
  keeps?: Readonly<Record<string, { of: readonly string[]; besides: readonly string[] }>>;
  /** The fields in the order in which they are shown; one for each parameter of `main`. */
  fields: Readonly<Record<string, FormField>>;
}
