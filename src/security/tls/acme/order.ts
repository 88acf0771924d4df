/** One certificate, from the order to the download (RFC 8555, 7.4), with challenges over HTTP (8.3). */
import { setTimeout as sleep } from "node:timers/promises";
import { certificatesOf } from "../pair.ts";
import { failed, isAddress, problemOf, type AcmeAnswer, type AcmeClient } from "./client.ts";

/** Answers challenges: `put` before the server is told to look, `remove` afterwards. */
export interface Challenges {
  put(token: string, authorization: string): void;
  remove(token: string): void;
}

/** ms that an order may take, and that pass between two looks where the server says nothing. */
const DEADLINE_MS = 180_000;
const LOOK_MS = 1000;
const MAX_LOOK_MS = 10_000;

/** Base64url without padding. */
const tokenText = /^[A-Za-z0-9_-]{1,512}$/;

/**
 * `csr`: a certificate signing request for these names, DER. Answers with the chain as PEM. Throws KilnError ACME_FAILED.
 */
export async function orderCertificate(
  client: AcmeClient,
  names: readonly string[],
  csr: Buffer,
  challenges: Challenges,
): Promise<string> {
  const deadline = performance.now() + DEADLINE_MS;
  const identifiers = names.map((value) => ({ type: "dns", value }));
  const made = await client.post(client.directory.newOrder, { identifiers });
  for (const url of addressesOf(made.body["authorizations"])) await authorize(client, url, challenges, deadline);
  const ready = await settled(client, made.location, ["ready", "valid"], deadline);
  if (ready.body["status"] === "ready") {
    await client.post(addressOf(ready.body["finalize"]), { csr: csr.toString("base64url") });
  }
  const done = await settled(client, made.location, ["valid"], deadline);
  const { text } = await client.post(addressOf(done.body["certificate"]));
  if (certificatesOf(text).length === 0) throw failed("the ACME server gave something else than a certificate");
  return text;
}

async function authorize(client: AcmeClient, url: string, challenges: Challenges, deadline: number): Promise<void> {
  const { body } = await client.post(url);
  // A server may remember that it has seen it a while ago.
  if (body["status"] === "valid") return;
  const offered = Array.isArray(body["challenges"]) ? (body["challenges"] as Record<string, unknown>[]) : [];
  const challenge = offered.find(({ type }) => type === "http-01");
  const token = challenge?.["token"];
  if (challenge === undefined || typeof token !== "string" || !tokenText.test(token)) {
    throw failed("the ACME server offers no challenge over HTTP");
  }
  challenges.put(token, client.authorizationOf(token));
  try {
    await client.post(addressOf(challenge["url"]), {});
    await settled(client, url, ["valid"], deadline);
  } finally {
    challenges.remove(token);
  }
}

/** Looks until an order or an authorization is as it should be. */
async function settled(
  client: AcmeClient,
  url: string,
  wanted: readonly string[],
  deadline: number,
): Promise<AcmeAnswer> {
  for (;;) {
    const answer = await client.post(addressOf(url));
    const status = String(answer.body["status"]);
    if (wanted.includes(status)) return answer;
    if (status !== "pending" && status !== "processing" && status !== "ready") throw failed(reasonOf(answer.body));
    if (performance.now() > deadline) throw failed(`the ACME server has not decided in ${DEADLINE_MS / 1000} s`);
    await sleep(Math.min(answer.retryAfterMs ?? LOOK_MS, MAX_LOOK_MS), undefined, { signal: client.signal });
  }
}

/** Of an order, or of the challenges of an authorization. */
function reasonOf(body: Record<string, unknown>): string {
  const parts = Array.isArray(body["challenges"]) ? (body["challenges"] as Record<string, unknown>[]) : [];
  const error = [body, ...parts].map((part) => part["error"]).find((each) => typeof each === "object" && each !== null);
  return error === undefined
    ? `it is ${String(body["status"])}`
    : problemOf(error as Record<string, unknown>, "invalid");
}

function addressesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(addressOf) : [];
}

function addressOf(value: unknown): string {
  if (isAddress(value)) return value;
  throw failed("the ACME server left an address out");
}
