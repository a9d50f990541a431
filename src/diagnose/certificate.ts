import type { Certificate } from "../core/certificate.ts";
import type { Finding } from "../core/shapes.ts";
import { finding } from "./wording.ts";

/** That a certificate ends soon. Pure. @param days whole days that are left. */
export function certificateFinding({ host, ends_at, issuer }: Certificate, days: number): Finding {
  const ends = `${ends_at.slice(0, 16).replace("T", " ")} UTC`;
  const text = `${host}: valid until ${ends}${issuer === "" ? "" : `, issued by ${issuer}`}`;
  const left = days === 0 ? "less than a day" : `${days} ${days === 1 ? "day" : "days"}`;
  return finding("certificate-ends-soon", [{ text }], { values: { certificate_host: host, ends, days: left } });
}
