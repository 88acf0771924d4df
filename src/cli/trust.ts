/** Whose certificates a client of ours believes: the system's, and those of the Kiln that it talks to. */
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { rootCertificates } from "node:tls";
import { messageOf } from "../base/errors.ts";
import { CommandError } from "./errors.ts";

/**
 * An agent that also trusts what is in this PEM file: a CA, or the listener's own certificate. Undefined where nothing out
 * of the ordinary is needed. Throws CommandError.
 */
export function trusting(caFile: string | undefined): Agent | undefined {
  if (caFile === undefined) return undefined;
  let own: string;
  try {
    own = readFileSync(caFile, "utf8");
  } catch (cause) {
    throw new CommandError(
      `${caFile}, which says whom to trust, cannot be read: ${messageOf(cause)}.`,
      "Run it as the user that runs Kiln, or set AWS_CA_BUNDLE to a copy of the file.",
      cause,
    );
  }
  return new Agent({ ca: [...rootCertificates, own], allowPartialTrustChain: true });
}

/** Status of `GET /_kiln/health`; undefined when nothing answers within five seconds. */
export function healthOf(url: string, caFile: string | undefined): Promise<number | undefined> {
  const agent = trusting(caFile);
  return new Promise((resolve) => {
    const send = url.startsWith("https:") ? httpsRequest : httpRequest;
    const asked = send(`${url}/_kiln/health`, { ...(agent && { agent }), signal: AbortSignal.timeout(5_000) });
    asked.on("error", () => resolve(undefined));
    asked.on("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.end();
  });
}
