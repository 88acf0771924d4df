/**
 * The rules of tags that the API's model does not state; it states their lengths and characters.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html, "Requirements for tags"
 */
import { invalidParameter } from "../errors.ts";

const MAX_TAGS = 50;

/** Throws InvalidParameterValueException. */
export function checkedTags(tags: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const keys = Object.keys(tags ?? {});
  if (keys.length > MAX_TAGS) throw invalidParameter("Number of tags exceeds resource tag limit.");
  if (keys.some((key) => key.toLowerCase().startsWith("aws:"))) {
    throw invalidParameter("Your request contains one or more reserved tag keys: keys must not start with aws:.");
  }
  return { ...tags };
}
