import type { Run } from "../standins/windmill/jobs/run.ts";
import { follow, linkNamed } from "../world/form.ts";
import type { World } from "../world/world.ts";
import { paint, say } from "./tell.ts";

/**
 * What the admin of the story looks at. Going on means clicking a link of the page that is on the screen, and "Run" on the form that it
 * opens: nothing is typed, and no call is put together here.
 */
export interface Screen {
  /** Puts a run's page on the screen. */
  show(run: Run): Run;
  /** Clicks the link with these words, which is printed, and submits the form that it opens as it is. */
  click(world: World, words: string | RegExp): Promise<Run>;
}

export function newScreen(): Screen {
  let page: Run | undefined;
  return {
    show(run) {
      page = run;
      return run;
    },
    click(world, words) {
      if (page === undefined) throw new Error("nothing is on the screen");
      const url = linkNamed(page, words);
      say(paint("grey", `   link  ${url}`));
      return follow(world, url).then((run) => this.show(run));
    },
  };
}
