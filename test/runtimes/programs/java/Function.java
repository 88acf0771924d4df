import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** What the tests ask of functions in Java. */
public class Function implements RequestHandler<Function.Order, Function.Receipt> {
  /** As users write them: fields with getters and setters. */
  public static class Order {
    private String item;
    private int count;

    public String getItem() { return item; }

    public void setItem(String item) { this.item = item; }

    public int getCount() { return count; }

    public void setCount(int count) { this.count = count; }
  }

  public record Receipt(String text, List<Integer> sizes) {
    public String getText() { return text; }

    public List<Integer> getSizes() { return sizes; }
  }

  public static class Refused extends RuntimeException {
    Refused(String message, Throwable cause) { super(message, cause); }
  }

  @Override
  public Receipt handleRequest(Order order, Context context) {
    String item = String.valueOf(order.getItem());
    context.getLogger().log("order of " + item + "\n");
    if (order.getCount() < 0) throw new Refused("not " + order.getCount(), new IllegalArgumentException("negative"));
    return new Receipt(order.getCount() + " " + item, List.of(order.getCount(), item.length()));
  }

  /** A method of any name, with types that AWS's serializer knows. */
  public Map<String, Object> act(Map<String, Object> event, Context context) throws Exception {
    Map<String, Object> answer = new TreeMap<>();
    switch (String.valueOf(event.get("do"))) {
      case "context" -> {
        answer.put("requestId", context.getAwsRequestId());
        answer.put("arn", context.getInvokedFunctionArn());
        answer.put("name", context.getFunctionName());
        answer.put("version", context.getFunctionVersion());
        answer.put("memory", context.getMemoryLimitInMB());
        answer.put("group", context.getLogGroupName());
        answer.put("remaining", context.getRemainingTimeInMillis());
        answer.put("trace", System.getProperty("com.amazonaws.xray.traceHeader"));
        answer.put("client", context.getClientContext().getCustom().get("a"));
      }
      case "machine" -> {
        answer.put("java", System.getProperty("java.version"));
        answer.put("home", System.getenv("JAVA_HOME"));
        answer.put("heapMB", Runtime.getRuntime().maxMemory() >> 20);
        answer.put("directory", System.getProperty("user.dir"));
        answer.put("library", Library.NAME);
        answer.put("property", System.getProperty("mine"));
        answer.put("wrapped", System.getProperty("wrapped"));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        answer.put("authorities", ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers().length);
      }
      case "exit" -> System.exit(3);
      case "sleep" -> Thread.sleep(60_000);
      case "exhaust" -> throw new OutOfMemoryError("Java heap space");
      default -> answer.put("echo", event);
    }
    return answer;
  }

  public static class Stream implements RequestStreamHandler {
    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
      byte[] event = input.readAllBytes();
      output.write('[');
      output.write(event);
      output.write(']');
    }
  }

  /** Cannot be loaded. */
  public static class Broken implements RequestHandler<String, String> {
    public Broken() { throw new IllegalStateException("no configuration"); }

    @Override
    public String handleRequest(String event, Context context) { return event; }
  }
}
