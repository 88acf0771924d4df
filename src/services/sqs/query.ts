/**
 * SQS in the query protocol, for clients from before its change to JSON: boto3 before 1.28, the AWS CLI before 2.13, and
 * whoever posts a form to a queue's URL. Every list and map is flat:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
 */
import type { QueryVersion } from "../../wire/contract.ts";

export const sqsQuery: QueryVersion = {
  version: "2012-11-05",
  xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/",
  ofPath: { pattern: /^\/\d{12}\/[A-Za-z0-9_-]{1,80}(?:\.fifo)?\/?$/, parameter: "QueueUrl" },
  flattened: {
    members: {
      AWSAccountIds: "AWSAccountId",
      Actions: "ActionName",
      AttributeNames: "AttributeName",
      Attributes: "Attribute",
      BinaryListValues: "BinaryListValue",
      MessageAttributeNames: "MessageAttributeName",
      MessageAttributes: "MessageAttribute",
      MessageSystemAttributeNames: "MessageSystemAttributeName",
      MessageSystemAttributes: "MessageSystemAttribute",
      QueueUrls: "QueueUrl",
      StringListValues: "StringListValue",
      TagKeys: "TagKey",
      Tags: "Tag",
      queueUrls: "QueueUrl",
      tags: "Tag",
    },
    entries: {
      Attributes: ["Name", "Value"],
      MessageAttributes: ["Name", "Value"],
      MessageSystemAttributes: ["Name", "Value"],
      Tags: ["Key", "Value"],
      tags: ["Key", "Value"],
    },
  },
};
