/**
 * The parameters of a query as it came, without the question mark. Node.js gives a byte that is not ASCII as one
 * character; clients that send such bytes mean UTF-8.
 */
export function queryParameters(query: string): URLSearchParams {
  return new URLSearchParams(/[\u0080-\u00FF]/.test(query) ? Buffer.from(query, "latin1").toString("utf8") : query);
}
