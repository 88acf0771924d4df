/**
 * Reads the credential scope of an AWS Signature Version 4 request: `KEY/YYYYMMDD/REGION/SERVICE/aws4_request`, in the
 * Authorization header or, for presigned URLs, in the query.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import type { IncomingHttpHeaders } from "node:http";
import { ServiceError } from "../../base/errors.ts";
import { queryParameters } from "../../base/http/query.ts";
import type { CredentialScope } from "../contract.ts";

/** Names end up in keys of the store and in ARNs, so only what AWS itself uses is let in. */
const accessKey = /^[\w-]{1,128}$/;
const regionName = /^[a-z0-9][a-z0-9-]{0,31}$/;
const serviceName = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const day = /^\d{8}$/;

export function scopeOf(headers: IncomingHttpHeaders, query: string): CredentialScope | undefined {
  const header = headers.authorization;
  if (header !== undefined) return header.startsWith("AWS4-") ? fromHeader(header) : undefined;
  return query.includes("X-Amz-Credential") ? fromQuery(query) : undefined;
}

function fromHeader(header: string): CredentialScope {
  const start = header.indexOf("Credential=");
  if (start < 0) {
    throw incomplete("Authorization header requires 'Credential' parameter.");
  }
  const rest = header.slice(start + "Credential=".length);
  const end = rest.search(/[,\s]/);
  return parseCredential(end < 0 ? rest : rest.slice(0, end), header.startsWith("AWS4-ECDSA-"));
}

function fromQuery(query: string): CredentialScope | undefined {
  const parameters = queryParameters(query);
  const algorithm = parameters.get("X-Amz-Algorithm");
  const credential = parameters.get("X-Amz-Credential");
  if (algorithm === null || credential === null || !algorithm.startsWith("AWS4-")) return undefined;
  return parseCredential(credential, algorithm.startsWith("AWS4-ECDSA-"));
}

/** SigV4A (ECDSA) scopes have no region: they are good in all of them. */
function parseCredential(credential: string, everyRegion: boolean): CredentialScope {
  const parts = credential.split("/");
  const terminator = parts.pop();
  const service = parts.pop() ?? "";
  const region = everyRegion ? "" : (parts.pop() ?? "");
  const date = parts.pop() ?? "";
  const [accessKeyId = "", ...surplus] = parts;
  if (terminator !== "aws4_request" || surplus.length > 0 || !day.test(date)) {
    throw incomplete(
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/aws4_request.",
    );
  }
  if (!accessKey.test(accessKeyId)) {
    throw new ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.", {
      status: 403,
    });
  }
  if (!everyRegion && !regionName.test(region)) {
    throw new ServiceError("InvalidSignatureException", "Credential should be scoped to a valid region.", {
      status: 403,
    });
  }
  if (!serviceName.test(service)) {
    throw new ServiceError("InvalidSignatureException", "Credential should be scoped to correct service.", {
      status: 403,
    });
  }
  return { accessKeyId, date, region, service };
}

function incomplete(message: string): ServiceError {
  return new ServiceError("IncompleteSignatureException", message);
}
