/** Cross-origin requests at function URLs, as a browser makes them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cors } from "@aws-sdk/client-lambda";
import type { Answer } from "./support.ts";
import { startUrl } from "./support.ts";

const shop = "https://shop.example";
const named = (answer: Answer): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(answer.headers).filter(([name]) => name === "vary" || name.startsWith("access-control-")),
  );

function preflight(origin: string, method: string, headers?: string) {
  return {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": method,
      ...(headers === undefined ? {} : { "access-control-request-headers": headers }),
    },
  };
}

describe("CORS", () => {
  it("answers preflights from the configuration, without a call", async (t) => {
    const Cors: Cors = {
      AllowOrigins: [shop, "http://localhost:3000"],
      AllowMethods: ["PUT", "DELETE"],
      AllowHeaders: ["content-type", "x-key"],
      ExposeHeaders: ["x-page"],
      AllowCredentials: true,
      MaxAge: 300,
    };
    const { send, calls } = await startUrl(t, { Cors });
    const allowed = await send(preflight(shop, "PUT", "x-key"));
    assert.deepEqual([allowed.status, allowed.body.length], [200, 0]);
    assert.deepEqual(named(allowed), {
      "access-control-allow-origin": shop,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "x-page",
      "access-control-allow-methods": "PUT,DELETE",
      "access-control-allow-headers": "content-type,x-key",
      "access-control-max-age": "300",
      vary: "Origin",
    });
    const foreign = await send(preflight("https://other.example", "PUT"));
    assert.deepEqual([foreign.status, named(foreign)], [200, { vary: "Origin" }]);
    assert.equal(calls.length, 0);
    await send({ method: "OPTIONS" });
    assert.equal(calls.length, 1, "an OPTIONS request that is no preflight is the function's");
  });

  it("says what it was asked where everything is allowed: browsers take no * with credentials", async (t) => {
    const everything = { AllowOrigins: ["*"], AllowMethods: ["*"], AllowHeaders: ["*"], AllowCredentials: true };
    const { send } = await startUrl(t, { Cors: everything });
    assert.deepEqual(named(await send(preflight("null", "DELETE", "Authorization, X-Key, not a name"))), {
      "access-control-allow-origin": "null",
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "DELETE",
      "access-control-allow-headers": "Authorization,X-Key",
      vary: "Origin",
    });
  });

  it("adds the configured headers to every answer, beside the function's own", async (t) => {
    const { send, returns, failWith } = await startUrl(t, {
      Cors: { AllowOrigins: [shop], ExposeHeaders: ["x-a", "ä"] },
    });
    const expected = {
      "access-control-allow-origin": shop,
      "access-control-expose-headers": "x-a",
      vary: "Origin",
    };
    assert.deepEqual(named(await send({ headers: { origin: shop } })), expected);
    assert.deepEqual(named(await send()), {});
    returns({ statusCode: 200, headers: { "access-control-allow-origin": "*", vary: "Accept" } });
    const both = await send({ headers: { origin: shop } });
    assert.deepEqual(named(both), {
      ...expected,
      "access-control-allow-origin": `*, ${shop}`,
      vary: "Accept, Origin",
    });
    failWith(new Error("broken"));
    const failed = await send({ headers: { origin: shop } });
    assert.deepEqual([failed.status, named(failed)], [502, expected]);
  });

  it("leaves everything to the function where nothing is configured", async (t) => {
    const { send, returns } = await startUrl(t);
    returns({ statusCode: 204, headers: { "access-control-allow-origin": "*" } });
    const answer = await send(preflight(shop, "PUT"));
    assert.deepEqual([answer.status, named(answer)], [204, { "access-control-allow-origin": "*" }]);
  });
});
