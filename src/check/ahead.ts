import { CERTIFICATE_WARNING_DAYS, daysLeft } from "../core/certificate.ts";
import type { CheckReport } from "../core/report.ts";
import type { Depth, Finding } from "../core/shapes.ts";
import { certificateFinding } from "../diagnose/certificate.ts";
import { limitUses } from "../diagnose/usage.ts";
import type { Observation } from "../observe/observe.ts";
import { lookAtCertificate } from "../probe/certificate.ts";
import type { Sent } from "../probe/send.ts";

/** What a check sees of what comes: the use of limits and the certificate. It costs no request beyond those of the check. */

/** What goes into the report, and what it makes a finding of by itself. */
export interface Outlook {
  figures: Pick<CheckReport, "limits" | "certificate">;
  findings: Finding[];
}

/**
 * @param depth a check that asks no model does not look at the certificate: an hour is soon enough.
 */
export async function outlook(sent: readonly Sent[], { resource }: Observation, depth: Depth): Promise<Outlook> {
  const usage = sent.find(({ probe }) => probe.kind === "usage" && probe.ok);
  const limits = usage ? limitUses(usage.outcome.body) : [];
  const base_url = resource?.state === "ok" ? resource.base_url : null;
  const certificate = depth === "free" ? null : await lookAtCertificate(base_url, isAllowed(sent));
  const days = certificate === null ? Number.POSITIVE_INFINITY : daysLeft(certificate, Date.now());
  return {
    figures: { ...(limits.length > 0 ? { limits } : {}), ...(certificate ? { certificate } : {}) },
    // One that has ended already is what the requests fail for.
    findings:
      certificate && days >= 0 && days < CERTIFICATE_WARNING_DAYS ? [certificateFinding(certificate, days)] : [],
  };
}

/** Whether Windmill let this worker call the gateway: an answer of it came back that way. */
const isAllowed = (sent: readonly Sent[]): boolean => sent.some(({ probe }) => probe.route === "worker" && probe.ok);
