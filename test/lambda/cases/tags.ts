/** Mistakes around tags. Function `f` has version 1. */
import { ListTagsCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-lambda";
import type { TestApi } from "../api.ts";
import { arn } from "../support.ts";
import { invalid, missing, violated, type Case, type Expected } from "./case.ts";

const here = "arn:aws:lambda:us-east-1:123456789012";
const mapping = "event-source-mapping:00000000-0000-0000-0000-000000000000";
const signing = "code-signing-config:csc-00000000000000000";
const versions = "Tags on function aliases and versions are not supported. Please specify a function ARN.";

const resources: ({ resource: string } & Expected)[] = [
  { resource: arn("g"), ...missing, message: `Function not found: ${arn("g")}` },
  { resource: `${arn("f")}:1`, ...invalid, message: versions },
  { resource: `${arn("f")}:nobody`, ...invalid, message: versions },
  { resource: `${arn("f")}:$LATEST`, ...invalid, message: versions },
  {
    resource: arn("f").replace("us-east-1", "eu-west-1"),
    ...missing,
    message: "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
  },
  { resource: `${here}:${mapping}`, ...missing, message: `Event source mapping not found: ${here}:${mapping}` },
  {
    resource: `arn:aws:lambda:eu-west-1:123456789012:${mapping}`,
    ...missing,
    message: `Event source mapping not found: arn:aws:lambda:eu-west-1:123456789012:${mapping}`,
  },
  {
    resource: `${here}:${signing}`,
    ...missing,
    message: `The Lambda code signing configuration ${here}:${signing} can not be found.`,
  },
  {
    resource: `${here}:capacity-provider:c`,
    ...missing,
    message: `Capacity provider not found: ${here}:capacity-provider:c`,
  },
  {
    resource: "arn:aws:something",
    ...violated,
    message: /^1 validation error detected: Value 'arn:aws:something' at 'resource'/,
  },
  { resource: `${here}:foobar:f`, ...violated, message: /at 'resource' failed to satisfy constraint/ },
];

const reserved = { ...invalid, message: /reserved tag keys/ };
const keys = { ...violated, message: /at 'tags' failed to satisfy constraint: Map keys must satisfy/ };
const values = { ...violated, message: /at 'tags' failed to satisfy constraint: Map value must satisfy/ };

export const tagCases: Case[] = [
  ...resources.flatMap(({ resource: Resource, ...expected }): Case[] => [
    {
      title: `TagResource: ${Resource}`,
      send: ({ client }) => client.send(new TagResourceCommand({ Resource, Tags: { a: "1" } })),
      ...expected,
    },
    {
      title: `UntagResource: ${Resource}`,
      send: ({ client }) => client.send(new UntagResourceCommand({ Resource, TagKeys: ["a"] })),
      ...expected,
    },
    {
      title: `ListTags: ${Resource}`,
      send: ({ client }) => client.send(new ListTagsCommand({ Resource })),
      ...expected,
    },
  ]),
  ...(
    [
      ["no tags", {}, { ...invalid, message: "An error occurred and the request cannot be processed." }],
      ["a key of the system", { "aws:key": "1" }, reserved],
      ["a key of the system in capitals", { "AWS:key": "1" }, reserved],
      ["a character that is not allowed", { "k!": "1" }, keys],
      ["an empty key", { "": "1" }, keys],
      ["a long key", { ["k".repeat(129)]: "1" }, keys],
      ["a long value", { k: "v".repeat(257) }, values],
    ] as const
  ).map(([title, Tags, expected]) => ({
    title: `TagResource: ${title}`,
    send: ({ client }: TestApi) => client.send(new TagResourceCommand({ Resource: arn("f"), Tags })),
    ...expected,
  })),
  {
    title: "UntagResource: no keys",
    send: ({ client }) => client.send(new UntagResourceCommand({ Resource: arn("f"), TagKeys: [] })),
    ...violated,
    message:
      "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
  },
];
