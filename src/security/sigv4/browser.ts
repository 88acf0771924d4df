/**
 * With `--auth off` every program of the machine may call Kiln, but no web page that somebody happens to look at. A page
 * can post to any address without asking (the browser then sends its Origin), and it can have its own host name point
 * here (DNS rebinding; then its name is in the Host header). AWS clients send no Origin, and know Kiln by an address, a
 * local name or one of AWS's names.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { ServiceError } from "../../base/errors.ts";
import { rememberLast } from "../../base/last.ts";

/** Names that nobody can point at this machine from outside it; what has no dot is local too. */
const localNames = /(^|\.)(localhost|local|internal|amazonaws\.com|amazonaws\.com\.cn)$/;

/** Throws ServiceError AccessDeniedException. */
export function refuseForeignPages(headers: IncomingHttpHeaders): void {
  const { host = "", origin } = headers;
  if (!isLocal(host)) throw denied(`the host name ${host.slice(0, 100)}`);
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    throw denied(`a web page of ${origin.slice(0, 100)}`);
  }
}

function nameOf(host: string): string {
  return host
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
}

const isLocal = rememberLast((host) => isLocalName(nameOf(host)));

function isLocalName(name: string): boolean {
  return isIP(name) !== 0 || !name.includes(".") || localNames.test(name);
}

function denied(caller: string): ServiceError {
  return new ServiceError("AccessDeniedException", `Calls from ${caller} are refused while authentication is off.`, {
    status: 403,
  });
}
