import { KilnError } from "../base/errors.ts";
import type { Config } from "./config.ts";

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/**
 * Throws KilnError LISTEN_NOT_LOOPBACK or LISTEN_WITHOUT_TLS.
 * @param plainIsMeant Whether somebody has said that there shall be no TLS.
 */
export function refuseWhatIsNotSafe(config: Config, plainIsMeant: boolean): void {
  if (config.auth === "off" && !loopback.test(config.listen.host)) {
    throw new KilnError(
      "LISTEN_NOT_LOOPBACK",
      `--auth off is refused on ${config.listen.host}: anyone who reaches it could run code here.`,
      {
        hint: "Listen on 127.0.0.1, ::1 or localhost, or leave --auth off (KILN_AUTH) out.",
      },
    );
  }
  if (config.tls.kind === "off" && !plainIsMeant && !loopback.test(config.listen.host)) {
    throw new KilnError(
      "LISTEN_WITHOUT_TLS",
      `Without TLS, everyone on the way to ${config.listen.host} could read code, secrets and answers.`,
      {
        hint:
          "Give a certificate (--tls-cert and --tls-key), or KILN_TLS=acme or local for one that Kiln gets or makes, or KILN_TLS=off where " +
          "something in front of Kiln has TLS.",
      },
    );
  }
}
