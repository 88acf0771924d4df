/** A full disk fails calls that change something, and loses no record. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CreateFunctionCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { verifyLog } from "../../src/security/audit/verify.ts";
import { startServer } from "../wire/server.ts";
import { auditPlace, recordsOf } from "./support.ts";

test(
  "a full disk refuses calls before they begin, and has every record once there is room",
  { skip: process.getuid?.() === 0 ? false : "mounting a small file system needs root" },
  async (context) => {
    const small = mkdtempSync(join(tmpdir(), "kiln-audit-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "kiln-audit-test", small]);
    const ballast = join(small, "ballast");
    writeFileSync(ballast, Buffer.alloc(64 * 1024));
    const dir = join(small, "log");
    const place = await auditPlace(context);
    const audit = await place.open({ dir });
    context.after(async () => {
      await audit.close();
      execFileSync("umount", [small]);
      rmSync(small, { recursive: true });
    });
    let made = 0;
    await using server = await startServer({
      audit: audit.calls,
      lambda: { CreateFunction: () => ({ Version: String((made += 1)) }), ListFunctions: () => ({}) },
    });
    const lambda = server.lambda();
    const create = () =>
      lambda.send(
        new CreateFunctionCommand({
          FunctionName: "f",
          Role: "arn:aws:iam::123456789012:role/r",
          Description: "x".repeat(200),
          Code: { ZipFile: Buffer.from("x") },
        }),
      );
    let answered = 0;
    const refusal = async () => {
      for (;;) {
        await create();
        answered += 1;
      }
    };
    await assert.rejects(refusal(), { name: "ServiceException", message: /could not be recorded/ });
    assert.ok(answered > 5);
    // That one had begun; from now on none does.
    assert.equal(made, answered + 1);
    await assert.rejects(create(), { name: "ServiceException" });
    assert.equal(made, answered + 1);
    await lambda.send(new ListFunctionsCommand({}));
    assert.match(String(place.reports[0]), /Kiln could not write the audit log.*ENOSPC/);

    rmSync(ballast);
    await create();
    const records = (await recordsOf(audit)).filter(({ errorCode }) => errorCode === undefined);
    const creations = records.filter(({ eventName }) => eventName === "CreateFunction20150331");
    assert.equal(creations.length, made);
    assert.ok(records.some(({ eventName }) => eventName === "ListFunctions20150331"));
    assert.deepEqual((await verifyLog(dir, place.key.chain)).findings, []);
  },
);
