/** Tags of a function. https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html, "Requirements for tags". */
import { invalidParameter } from "../errors.ts";

const MAX_TAGS = 50;
const MAX_KEY = 128;
const MAX_VALUE = 256;

export function checkedTags(tags: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const entries = Object.entries(tags ?? {});
  if (entries.length > MAX_TAGS) throw invalidParameter("Number of tags exceeds resource tag limit.");
  for (const [key, value] of entries) {
    if (key.length === 0 || key.length > MAX_KEY || value.length > MAX_VALUE) {
      throw invalidParameter(
        `A tag has a key of 1 to ${MAX_KEY} characters and a value of at most ${MAX_VALUE} characters.`,
      );
    }
    if (key.toLowerCase().startsWith("aws:")) {
      throw invalidParameter("Your request contains one or more reserved tag keys: keys must not start with aws:.");
    }
  }
  return Object.fromEntries(entries);
}
