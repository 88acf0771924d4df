/** Pages of names: a token is the last name of the page before. */
import { invalidParameter, invalidValue } from "../../queues/errors.ts";
import type { ListOptions } from "../../queues/contract.ts";

const MAX_PAGE = 1000;

export function pageOf(input: { MaxResults?: number | undefined; NextToken?: string | undefined }): ListOptions {
  const { MaxResults: limit = MAX_PAGE, NextToken: token } = input;
  if (!(limit >= 1 && limit <= MAX_PAGE)) {
    throw invalidValue("MaxResults", limit, `MaxResults must be an integer between 1 and ${MAX_PAGE}.`);
  }
  if (token === undefined) return { limit };
  const after = Buffer.from(token, "base64url").toString("utf8");
  if (tokenOf(after) !== token || after === "") throw invalidParameter("Invalid or expired next token.");
  return { limit, after };
}

export function tokenOf(name: string): string {
  return Buffer.from(name).toString("base64url");
}
