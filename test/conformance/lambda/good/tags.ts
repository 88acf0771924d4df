import { TagResourceCommand } from "@aws-sdk/client-lambda";
import type { TestApi } from "../../../lambda/api.ts";
import { arn } from "../../../lambda/support.ts";
import { good, type GoodCase } from "../good-case.ts";

const Resource = arn("f");

/** After `f` has got the tag `a`. */
function withTag<I extends object>(input: I) {
  return async ({ client }: TestApi): Promise<I> => {
    await client.send(new TagResourceCommand({ Resource, Tags: { a: "1" } }));
    return input;
  };
}

export const goodTagCases: GoodCase[] = [
  good("TagResource", "one", { Resource, Tags: { a: "1" } }, { status: 204, answer: {} }),
  good("TagResource", "one more", withTag({ Resource, Tags: { b: "" } }), { status: 204, answer: {} }),
  good("UntagResource", "there and not there", withTag({ Resource, TagKeys: ["a", "b"] }), { status: 204, answer: {} }),
  good("ListTags", "one", withTag({ Resource }), { answer: { Tags: { a: "1" } } }),
  good("ListTags", "none", { Resource }, { answer: { Tags: {} } }),
];
