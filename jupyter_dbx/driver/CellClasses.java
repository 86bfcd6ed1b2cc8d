import scala.tools.asm.ClassReader;
import scala.tools.asm.ClassVisitor;
import scala.tools.asm.ClassWriter;
import scala.tools.asm.Label;
import scala.tools.asm.MethodVisitor;
import scala.tools.asm.Opcodes;

/**
 * Finds the classes of Scala cells for Spark's threads, which deserialize the results of tasks of any notebook.
 *
 * Each notebook numbers the lines of its cells from its own first number, so a class name ("$line…300002.…") identifies the
 * notebook. Each notebook has its own class loader, which is dropped when the notebook detaches. Spark serves the classes to
 * anyone on the machine who knows their names, hence the random part, which is of digits as Spark expects it.
 *
 * Compiled in the driver's JVM by Janino, which supports neither diamonds nor lambdas.
 */
public final class CellClasses extends ClassLoader {
  /** Maximum number of lines a notebook can run, count. */
  private static final int LINES = 100000;

  private final String prefix = "$line" + new java.math.BigInteger(128, new java.security.SecureRandom());
  private final java.net.URL[] folder;
  private final java.util.Map seats = new java.util.concurrent.ConcurrentHashMap();
  private int opened = 0;

  /** @param folder interpreters write classes here, and executors fetch them from here */
  public CellClasses(String folder) throws java.io.IOException {
    super(CellClasses.class.getClassLoader());
    this.folder = new java.net.URL[] {new java.io.File(folder).toURI().toURL()};
    System.setProperty("scala.repl.name.line", this.prefix);
  }

  /** Returns the number before a notebook's first line. */
  public synchronized int open(String kernel) {
    this.opened++;
    this.seats.put(Integer.valueOf(this.opened), new Seat(kernel, this.folder, this.getParent()));
    return this.opened * LINES;
  }

  /** Returns the loader of the classes of the notebook whose lines follow this one. */
  public ClassLoader loader(int line) {
    return (ClassLoader) this.seats.get(Integer.valueOf(line / LINES));
  }

  /** Drops the definitions of a notebook, and interrupts threads that still run its cells; returns whether it had any. */
  public boolean close(String kernel) {
    boolean found = false;
    for (java.util.Iterator i = this.seats.values().iterator(); i.hasNext();) {
      Seat seat = (Seat) i.next();
      if (seat.kernel.equals(kernel)) {
        i.remove();
        interrupt(seat);
        found = true;
      }
    }
    return found;
  }

  private static void interrupt(ClassLoader seat) {
    for (java.util.Iterator i = Thread.getAllStackTraces().keySet().iterator(); i.hasNext();) {
      Thread thread = (Thread) i.next();
      ClassLoader loader = thread.getContextClassLoader();
      while (loader != null && loader != seat) loader = loader.getParent();
      if (loader != null) thread.interrupt();
    }
  }

  protected Class findClass(String name) throws ClassNotFoundException {
    int dot = name.indexOf('.');
    if (dot < 0 || !name.startsWith(this.prefix)) throw new ClassNotFoundException(name);
    ClassLoader seat = this.loader(Integer.parseInt(name.substring(this.prefix.length(), dot)));
    if (seat == null) throw new ClassNotFoundException(name);
    return seat.loadClass(name);
  }

  /** Called by every method and loop of a cell, so that a cell that neither waits nor uses Spark can be interrupted. */
  public static void check() throws InterruptedException {
    if (Thread.interrupted()) throw new InterruptedException("The cell was interrupted.");
  }

  private static final class Seat extends java.net.URLClassLoader {
    final String kernel;

    Seat(String kernel, java.net.URL[] folder, ClassLoader parent) {
      super(folder, parent);
      this.kernel = kernel;
    }

    protected Class findClass(String name) throws ClassNotFoundException {
      java.net.URL file = this.findResource(name.replace('.', '/') + ".class");
      if (file == null) throw new ClassNotFoundException(name);
      byte[] code;
      try {
        java.io.InputStream stream = file.openStream();
        try {
          code = stoppable(stream.readAllBytes());
        } finally {
          stream.close();
        }
      } catch (java.io.IOException error) {
        throw new ClassNotFoundException(name, error);
      }
      return this.defineClass(name, code, 0, code.length);
    }
  }

  private static byte[] stoppable(byte[] code) {
    ClassReader reader = new ClassReader(code);
    ClassWriter writer = new ClassWriter(reader, 0);
    reader.accept(new StoppableClass(writer), 0);
    return writer.toByteArray();
  }

  private static final class StoppableClass extends ClassVisitor {
    StoppableClass(ClassVisitor next) {
      super(Opcodes.ASM9, next);
    }

    public MethodVisitor visitMethod(int access, String name, String type, String signature, String[] exceptions) {
      return new StoppableMethod(super.visitMethod(access, name, type, signature, exceptions));
    }
  }

  private static final class StoppableMethod extends MethodVisitor {
    private final java.util.Set passed = new java.util.HashSet();

    StoppableMethod(MethodVisitor next) {
      super(Opcodes.ASM9, next);
    }

    public void visitCode() {
      super.visitCode();
      this.check();
    }

    public void visitLabel(Label label) {
      this.passed.add(label);
      super.visitLabel(label);
    }

    public void visitJumpInsn(int opcode, Label label) {
      if (this.passed.contains(label)) this.check(); // a backward jump: a loop
      super.visitJumpInsn(opcode, label);
    }

    private void check() {
      super.visitMethodInsn(Opcodes.INVOKESTATIC, "CellClasses", "check", "()V", false);
    }
  }
}
