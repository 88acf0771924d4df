import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.CreateFunctionResponse;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;

/**
 * Life of a function through the AWS SDK for Java 2, as the environment points it: AWS_ENDPOINT_URL, AWS_REGION and
 * keys. Arguments: NAME ZIP. Prints what it saw as one line of JSON.
 */
public final class Life {
  public static void main(String[] arguments) throws Exception {
    String name = arguments[0];
    SdkBytes code = SdkBytes.fromByteArray(Files.readAllBytes(Path.of(arguments[1])));
    try (LambdaClient client = LambdaClient.create()) {
      CreateFunctionResponse created =
          client.createFunction(
              request ->
                  request
                      .functionName(name)
                      .runtime("nodejs24.x")
                      .handler("index.handler")
                      .role("arn:aws:iam::000000000000:role/test")
                      .code(content -> content.zipFile(code)));
      client.waiter().waitUntilFunctionActiveV2(request -> request.functionName(name));
      String version = client.publishVersion(request -> request.functionName(name)).version();
      String alias =
          client
              .createAlias(request -> request.functionName(name).name("live").functionVersion(version))
              .aliasArn();
      InvokeResponse called =
          client.invoke(
              request ->
                  request
                      .functionName(name)
                      .qualifier("live")
                      .payload(SdkBytes.fromUtf8String("{\"a\":40,\"b\":2}")));
      long listed =
          client.listFunctionsPaginator(request -> request.maxItems(1)).functions().stream()
              .filter(each -> each.functionName().equals(name))
              .count();
      client.deleteFunction(request -> request.functionName(name));
      String gone;
      try {
        client.getFunction(request -> request.functionName(name));
        throw new IllegalStateException("the function is still there");
      } catch (ResourceNotFoundException thrown) {
        gone = thrown.awsErrorDetails().errorMessage();
      }
      System.out.printf(
          "{\"arn\":\"%s\",\"state\":\"%s\",\"version\":\"%s\",\"alias\":\"%s\",\"executed\":\"%s\",\"answer\":%s,\"listed\":%d,\"gone\":\"%s\"}%n",
          created.functionArn(),
          created.stateAsString(),
          version,
          alias,
          called.executedVersion(),
          called.payload().asUtf8String(),
          listed,
          gone);
    }
  }
}
