import assert from "node:assert/strict";
import { test } from "node:test";
import { ServiceError } from "../../base/errors.ts";
import type { Authenticator, CredentialScope, RequestHead } from "../contract.ts";
import { limitFailures } from "./failure-limit.ts";

const caller = { kind: "user", account: "1", userId: "u", arn: "a", accessKeyId: "k", region: "r" } as const;

/** Takes whoever names the key GOOD; the body decides about LATE. */
const inner: Authenticator = {
  scopeOf: () => undefined,
  anonymous: () => caller,
  authenticate(_head, claimed) {
    if (claimed?.accessKeyId === "NONE") throw new ServiceError("MissingAuthenticationTokenException", "m");
    if (claimed?.accessKeyId === "LATE") {
      return () => {
        throw new ServiceError("InvalidSignatureException", "late");
      };
    }
    if (claimed?.accessKeyId === "GOOD") return () => caller;
    throw new ServiceError("UnrecognizedClientException", "no");
  },
};

function start(remembered = 100) {
  const time = { now: 1_000_000 };
  const limited = limitFailures(inner, () => time.now, { burst: 3, perSecond: 1, remembered });
  const ask = async (accessKeyId: string, sourceIp: string): Promise<string> => {
    const head: RequestHead = { method: "GET", path: "/", query: "", headers: {}, rawHeaders: [], sourceIp };
    const claimed: CredentialScope = { accessKeyId, date: "20260101", region: "r", service: "lambda" };
    try {
      const authenticated = await limited.authenticate(head, claimed, "lambda");
      return authenticated(new Uint8Array()).kind;
    } catch (error) {
      return (error as ServiceError).code;
    }
  };
  const many = async (times: number, key: (index: number) => string, ip: (index: number) => string) => {
    const answers: string[] = [];
    for (let index = 0; index < times; index += 1) answers.push(await ask(key(index), ip(index)));
    return answers;
  };
  return { time, ask, many };
}

const fromOne = () => "10.0.0.1";
const key = (index: number) => `K${index}`;
const [no, over] = ["UnrecognizedClientException", "ThrottlingException"];

test("a source that guesses keys is answered for the first few, and then as time passes", async () => {
  const { time, ask, many } = start();
  assert.deepEqual(await many(5, (index) => `K${index}`, fromOne), [no, no, no, over, over]);
  assert.equal(await ask("K9", "10.0.0.2"), no);
  time.now += 1000;
  assert.deepEqual(await many(2, (index) => `L${index}`, fromOne), [no, over]);
  time.now += 3_600_000;
  assert.deepEqual(await many(4, (index) => `M${index}`, fromOne), [no, no, no, over]);
});

test("a key that is guessed at from many sources, and one whose fault is known with the body only", async () => {
  const { many } = start();
  assert.deepEqual(
    await many(
      4,
      () => "K",
      (index) => `10.0.1.${index}`,
    ),
    [no, no, no, over],
  );
  assert.deepEqual(
    (
      await many(
        4,
        () => "LATE",
        (index) => `10.0.2.${index}`,
      )
    ).at(-1),
    over,
  );
});

test("whoever signs correctly is never kept out, from the same source and with the same key", async () => {
  const { ask, many } = start();
  await many(
    50,
    () => "K",
    () => "10.0.0.1",
  );
  assert.equal(await ask("GOOD", "10.0.0.1"), "user");
  assert.equal(await ask("NONE", "10.0.0.1"), "MissingAuthenticationTokenException");
});

test("a /64 of IPv6 is one source", async () => {
  const { many } = start();
  const same = ["2001:db8::1", "2001:db8:0:0:1::2", "2001:db8:0:0:ffff:1:2:3", "2001:db8::9:9"];
  assert.equal((await many(4, key, (index) => same[index] ?? "")).at(-1), over);
  const others = await many(4, key, (index) => `2001:db8:0:${index + 1}::1`);
  assert.ok(!others.slice(0, 2).includes(over));
});

test("what is remembered is bounded: the longest unheard goes first", async () => {
  const { ask, many } = start(10);
  await many(
    4,
    () => "K",
    () => "10.0.0.1",
  );
  await many(
    20,
    (index) => `K${index}`,
    (index) => `10.0.3.${index}`,
  );
  assert.equal(await ask("K", "10.0.0.1"), no);
});
