/** Which TLS the listener has, of what several settings say. */
import { isIP } from "node:net";
import { KilnError } from "../base/errors.ts";
import type { Config } from "./config.ts";

export interface TlsWanted {
  kind: "" | "off" | "local" | "acme";
  certFile: string;
  keyFile: string;
  names: readonly string[];
  directoryUrl: string;
  email: string;
  bindingFile: string;
  challenges: { host: string; port: number };
}

/** Throws KilnError CONFIG_INVALID. */
export function tlsOf({ kind, certFile, keyFile, names, ...acme }: TlsWanted): Config["tls"] {
  if ((certFile === "") !== (keyFile === "")) {
    throw new KilnError("CONFIG_INVALID", "Only one of --tls-cert and --tls-key is given.", {
      hint: "Give both: a certificate in PEM form with its chain, and its private key.",
    });
  }
  if (certFile !== "" && kind !== "") {
    throw new KilnError("CONFIG_INVALID", `KILN_TLS is "${kind}", and there is a certificate (--tls-cert) as well.`, {
      hint: "Leave one of them out.",
    });
  }
  if (certFile !== "") return { kind: "files", certFile, keyFile };
  if (kind === "local") return { kind, names };
  if (kind !== "acme") return { kind: "off" };
  const wrong = names.find((name) => name.startsWith("*.") || isIP(name) !== 0);
  if (names.length > 0 && wrong === undefined) return { kind, names, ...acme };
  const why = wrong === undefined ? "no name to get a certificate for" : `${wrong}, which ACME over HTTP cannot prove`;
  throw new KilnError("CONFIG_INVALID", `KILN_TLS is "acme", and in KILN_TLS_NAMES is ${why}.`, {
    hint: "KILN_TLS_NAMES: the DNS names by which clients reach this Kiln, separated by commas.",
  });
}
