/** The real program: policies of functions and queues are of the users and roles that were meant. */
import assert from "node:assert/strict";
import { it } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as sqs from "@aws-sdk/client-sqs";
import { deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

const account = "123456789012";
const arnOf = (name: string) => `arn:aws:iam::${account}:${name}`;
const code = "export const handler = async () => 'called';";
const document = (AWS: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid: "a", Effect: "Allow", Principal: { AWS }, Action: "sqs:*", Resource: "*" }],
  });
const invalid = "The provided principal was invalid. Please check the principal and try again.";

it(
  "who is made anew has nothing of what policies of functions and queues gave to the name",
  { timeout: 180_000 },
  async (context) => {
    const kiln = await startTestKiln(context, { KILN_AUTH: "on", KILN_ACCOUNT: account });
    const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
    const opened: { destroy(): void }[] = [];
    context.after(() => {
      for (const client of opened) client.destroy();
    });
    const keep = <C extends { destroy(): void }>(client: C): C => {
      opened.push(client);
      return client;
    };
    const settings = (credentials: { accessKeyId: string; secretAccessKey: string }) => ({
      endpoint,
      region,
      credentials,
      maxAttempts: 1,
    });
    const root = settings({ accessKeyId, secretAccessKey });
    const identities = keep(new iam.IAMClient(root));
    const queues = keep(new sqs.SQSClient(root));
    const functions = kiln.client();

    async function makeAlice(): Promise<{ id: string; call: () => Promise<unknown>; send: () => Promise<unknown> }> {
      const { User } = await identities.send(new iam.CreateUserCommand({ UserName: "alice" }));
      const { AccessKey } = await identities.send(new iam.CreateAccessKeyCommand({ UserName: "alice" }));
      const own = settings({
        accessKeyId: AccessKey?.AccessKeyId ?? "",
        secretAccessKey: AccessKey?.SecretAccessKey ?? "",
      });
      const caller = keep(new lambda.LambdaClient(own));
      const sender = keep(new sqs.SQSClient(own));
      return {
        id: User?.UserId ?? "",
        call: () => caller.send(new lambda.InvokeCommand({ FunctionName: "f" })),
        send: () => sender.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: "m" })),
      };
    }
    async function removeAlice(): Promise<void> {
      const { AccessKeyMetadata = [] } = await identities.send(new iam.ListAccessKeysCommand({ UserName: "alice" }));
      for (const { AccessKeyId } of AccessKeyMetadata) {
        await identities.send(new iam.DeleteAccessKeyCommand({ UserName: "alice", AccessKeyId }));
      }
      await identities.send(new iam.DeleteUserCommand({ UserName: "alice" }));
    }
    const add = (StatementId: string, Principal: string) =>
      functions.send(
        new lambda.AddPermissionCommand({ FunctionName: "f", StatementId, Principal, Action: "lambda:InvokeFunction" }),
      );
    const policyOfFunction = async () => {
      const { Policy = "" } = await kiln.client().send(new lambda.GetPolicyCommand({ FunctionName: "f" }));
      return Policy;
    };
    const policyOfQueue = async () => {
      const wanted = new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] });
      return (await queues.send(wanted)).Attributes?.["Policy"] ?? "";
    };
    const setPolicy = (Policy: string) =>
      queues.send(new sqs.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    const denied = { name: "AccessDeniedException" };

    await deploy(functions, "f", code, { Role: arnOf("role/kiln-default") });
    const { QueueUrl = "" } = await queues.send(new sqs.CreateQueueCommand({ QueueName: "q" }));
    await assert.rejects(add("s", arnOf("user/alice")), { name: "InvalidParameterValueException", message: invalid });
    const alice = await makeAlice();
    const { Statement } = await add("s", arnOf("user/alice"));
    assert.match(Statement ?? "", /"Principal":\{"AWS":"arn:aws:iam::123456789012:user\/alice"\}/);
    await assert.rejects(setPolicy(document(arnOf("user/bob"))), { name: "InvalidAttributeValue" });
    await setPolicy(document(arnOf("user/alice")));
    await alice.call();
    await alice.send();
    assert.ok((await policyOfFunction()).includes(arnOf("user/alice")));
    assert.equal(await policyOfQueue(), document(arnOf("user/alice")));

    await removeAlice();
    const other = await makeAlice();
    assert.notEqual(other.id, alice.id);
    await assert.rejects(other.call(), denied);
    await assert.rejects(other.send(), denied);
    assert.ok((await policyOfFunction()).includes(`"AWS":"${alice.id}"`));
    assert.equal(await policyOfQueue(), document(alice.id));

    // Statements come and go beside that of who is gone; the name, written again, is of who has it now.
    await add("t", arnOf("user/alice"));
    await other.call();
    await functions.send(new lambda.RemovePermissionCommand({ FunctionName: "f", StatementId: "t" }));
    await assert.rejects(other.call(), denied);
    await queues.send(
      new sqs.AddPermissionCommand({ QueueUrl, Label: "b", AWSAccountIds: [account], Actions: ["ReceiveMessage"] }),
    );
    assert.ok((await policyOfQueue()).includes(alice.id));
    await queues.send(new sqs.RemovePermissionCommand({ QueueUrl, Label: "b" }));
    assert.equal(await policyOfQueue(), document(alice.id));
    const arn = `arn:aws:lambda:${region}:${account}:function:f`;
    const whole = (AWS: string) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS }, Action: "lambda:InvokeFunction", Resource: arn }],
      });
    const put = (Policy: string) => functions.send(new lambda.PutResourcePolicyCommand({ ResourceArn: arn, Policy }));
    await assert.rejects(put(whole(alice.id)), /InvalidParameterValueException.*Invalid principal in policy/);
    assert.equal((await put(whole(arnOf("user/alice")))).Policy, whole(arnOf("user/alice")));
    await other.call();

    // The same behind a restart.
    await kiln.stop();
    await kiln.start();
    assert.equal(await policyOfFunction(), whole(arnOf("user/alice")));
  },
);
