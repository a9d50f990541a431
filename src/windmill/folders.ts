import { FolderService } from "windmill-client";
import * as z from "zod";
import { orNull, type Windmill } from "./windmill.ts";

/** Folders, on whose rights those of the items in them depend. */

/** Who owns a folder and who else may read it, as `u/<user>` and `g/<group>`. */
export const FolderInfo = z.looseObject({
  owners: z.array(z.string()).nullish(),
  extra_perms: z.record(z.string(), z.unknown()).nullish(),
});
export type FolderInfo = z.infer<typeof FolderInfo>;

/** A folder; null when there is none that the caller may see. */
export const findFolder = (windmill: Windmill, name: string): Promise<FolderInfo | null> =>
  orNull(
    windmill.call(
      `Looking up the folder ${name}`,
      () => FolderService.getFolder({ workspace: windmill.workspace, name }),
      FolderInfo,
    ),
  );
