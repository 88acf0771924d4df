/** The time of a signature, and whether it is good now. */
import { incompleteSignature, invalidSignature } from "./errors.ts";

/** ms that a signer's clock may be wrong. */
const SKEW = 5 * 60 * 1000;

const compact = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** Read twice for each request, and the same for all of a second. The text is of the compact form. */
let last = { text: "", ms: Number.NaN };

/** `YYYYMMDDTHHMMSSZ` of that form, or of a date as HTTP writes it. */
export function readTime(text: string): string {
  if (text === last.text && !Number.isNaN(last.ms)) return text;
  if (compact.test(text) && !Number.isNaN(timeOf(text))) return text;
  const parsed = text.endsWith("GMT") ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(parsed)) {
    throw incompleteSignature(
      "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601 and RFC 9110 for the others.",
    );
  }
  return compactTime(parsed);
}

/** ms since the epoch; NaN for what no calendar has. */
function timeOf(time: string): number {
  if (time === last.text) return last.ms;
  const at = (start: number, length = 2): string => time.slice(start, start + length);
  const ms = Date.parse(`${at(0, 4)}-${at(4)}-${at(6)}T${at(9)}:${at(11)}:${at(13)}Z`);
  last = { text: time, ms };
  return ms;
}

function compactTime(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
}

/** Throws ServiceError InvalidSignatureException. `expires`: seconds that a presigned URL is good. */
export function checkTime(time: string, expires: number | undefined, now: number): void {
  const signedAt = timeOf(time);
  if (signedAt > now + SKEW) {
    throw invalidSignature(
      `Signature not yet current: ${time} is still later than ${compactTime(now + SKEW)} (${compactTime(now)} + 5 min.)`,
    );
  }
  if (expires === undefined && signedAt < now - SKEW) {
    throw invalidSignature(
      `Signature expired: ${time} is now earlier than ${compactTime(now - SKEW)} (${compactTime(now)} - 5 min.)`,
    );
  }
  if (expires !== undefined && now > signedAt + expires * 1000) {
    throw invalidSignature(
      `Signature expired: ${compactTime(signedAt + expires * 1000)} is now earlier than ${compactTime(now)}`,
    );
  }
}
