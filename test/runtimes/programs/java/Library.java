/** Comes in a jar of its own, in lib/ of the zip. */
public class Library {
  public static final String NAME = new String("library");
}
