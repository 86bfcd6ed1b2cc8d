import java.io.IOException;
import java.net.URI;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.SparkContext;

/**
 * The driver's local file system. A relative path starts in the working folder of the notebook whose thread uses it: Hadoop has
 * one working folder per user of a JVM, and a driver has many notebooks. Checksum files are neither written nor read, because
 * Python and shell scripts, which change the same files, do not know them.
 *
 * Compiled in the driver's JVM by Janino, which supports neither diamonds nor lambdas.
 */
public final class NotebookFileSystem extends LocalFileSystem {
  public NotebookFileSystem() {
    super(new Raw());
    this.setWriteChecksum(false);
    this.setVerifyChecksum(false);
  }

  /** Makes this the file system of `file:` for the whole JVM, which caches it by scheme. */
  public NotebookFileSystem install() throws IOException {
    Configuration conf = new Configuration();
    conf.setClassLoader(NotebookFileSystem.class.getClassLoader());
    conf.setClass("fs.file.impl", NotebookFileSystem.class, FileSystem.class);
    FileSystem.closeAll();
    return (NotebookFileSystem) FileSystem.get(URI.create("file:///"), conf);
  }

  /** Starts to read the working folder from this local property of the context's threads. */
  public void follow(SparkContext context, String property) {
    Raw raw = (Raw) this.getRaw();
    raw.property = property;
    raw.context = context;
  }

  private static final class Raw extends RawLocalFileSystem {
    String property;
    volatile SparkContext context;

    public Path getWorkingDirectory() {
      String folder = this.context == null ? null : this.context.getLocalProperty(this.property);
      return folder == null ? super.getWorkingDirectory() : new Path("file", null, folder);
    }
  }
}
