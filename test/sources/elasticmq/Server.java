import org.elasticmq.rest.sqs.SQSRestServerBuilder;

/** ElasticMQ's SQS on the port that is given. */
class Server {
  public static void main(String[] given) {
    SQSRestServerBuilder.withInterface("127.0.0.1").withPort(Integer.parseInt(given[0])).start().waitUntilStarted();
  }
}
