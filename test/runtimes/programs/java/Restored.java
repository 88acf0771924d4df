import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.crac.Core;
import org.crac.Resource;

/** What the tests of SnapStart ask: what its hooks have done, and what has to be new in each environment. */
public class Restored implements RequestHandler<Map<String, Object>, Map<String, Object>>, Resource {
  private static final List<String> hooks = new CopyOnWriteArrayList<>();
  private static final SecureRandom random = new SecureRandom();
  private static final String initialised = UUID.randomUUID().toString();

  public Restored() { Core.getGlobalContext().register(this); }

  @Override
  public void beforeCheckpoint(org.crac.Context<? extends Resource> context) { hooks.add("beforeCheckpoint"); }

  @Override
  public void afterRestore(org.crac.Context<? extends Resource> context) {
    hooks.add("afterRestore");
    if (System.getenv("FAIL") != null) throw new IllegalStateException("not restored");
  }

  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    return Map.of(
        "initialised", initialised,
        "hooks", hooks,
        "uuid", UUID.randomUUID().toString(),
        "random", Long.toHexString(random.nextLong()),
        "now", System.currentTimeMillis(),
        "type", System.getenv("AWS_LAMBDA_INITIALIZATION_TYPE"));
  }
}
