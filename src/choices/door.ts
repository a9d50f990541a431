import * as z from "zod";
import { excerpt } from "../core/redact.ts";
import { httpUrl } from "../inputs/fields.ts";
import { answer } from "../windmill/run.ts";
import { whoAmI } from "../windmill/settings.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { nothing, type Offer } from "./choice.ts";

/**
 * How a form asks a script for choices: it runs another exported function of it, as whoever fills in the form, each time something
 * changes. So the answer comes soon, changes nothing, is for admins only, and is an empty list with its reason instead of an error.
 */

/** Milliseconds for an answer. Nobody waits longer for a drop-down. */
const PATIENCE_MS = 10_000;

const ServerUrl = z.object({ server_url: httpUrl.catch("") });

/**
 * Looks for choices; whatever goes wrong or takes too long is the note of an empty offer.
 *
 * @param filled what the form holds so far.
 */
export function offerToAdmins(filled: object, look: (windmill: Windmill) => Promise<Offer>): Promise<Offer> {
  const { server_url } = ServerUrl.parse(filled);
  const soon = async (windmill: Windmill): Promise<Offer> => {
    try {
      return await Promise.race([forAdmins(windmill, look), tooLate()]);
    } catch (error) {
      return nothing(`This could not be read. ${excerpt(error instanceof Error ? error.message : String(error))}`);
    }
  };
  return answer(soon, filled, server_url);
}

const forAdmins = async (windmill: Windmill, look: (windmill: Windmill) => Promise<Offer>): Promise<Offer> =>
  (await whoAmI(windmill)).admin
    ? look(windmill)
    : nothing("Only an admin of the workspace can do this, so nothing was looked up.");

const tooLate = (): Promise<Offer> =>
  new Promise((resolve) => {
    const says = nothing(`There was no answer within ${PATIENCE_MS / 1000} s.`);
    AbortSignal.timeout(PATIENCE_MS).addEventListener("abort", () => resolve(says), { once: true });
  });
