package dev.herald.boot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folder of the embedded stores, held by one Herald at a time.
 *
 * @param owner written into the lock file: whom the stores belong to
 */
record DataFolder(Path root, String owner, FileChannel lock) {

    static DataFolder claim(Path given) throws IOException {
        Path root = Files.createDirectories(given.toAbsolutePath().normalize());
        closeToOthers(root);
        FileChannel channel = FileChannel.open(
                lockFile(root), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (!isLocked(channel)) {
            channel.close();
            throw new StartException("%s is in use by another Herald (%s)"
                    .formatted(root, Files.readString(lockFile(root)).strip()));
        }
        String owner = "process %d since %s".formatted(ProcessHandle.current().pid(), Instant.now());
        channel.truncate(0).write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)));
        return new DataFolder(root, owner, channel);
    }

    /** The stores ask nobody for a password, and their programs lie here too. */
    private static void closeToOthers(Path root) throws IOException {
        PosixFileAttributeView posix = Files.getFileAttributeView(root, PosixFileAttributeView.class);
        if (posix != null) {
            posix.setPermissions(PosixFilePermissions.fromString("rwx------"));
        }
    }

    Path lockFile() {
        return lockFile(root);
    }

    Path postgres() {
        return root.resolve("postgres");
    }

    Path redis() {
        return root.resolve("redis");
    }

    /** Where the servers' programs are unpacked. */
    Path programs() {
        return root.resolve("bin");
    }

    PidFile postgresPid() {
        return new PidFile("PostgreSQL", postgres().resolve("postmaster.pid"), "postgres", "INT");
    }

    PidFile redisPid() {
        return new PidFile("Redis", redis().resolve("redis.pid"), "redis-server", "TERM");
    }

    /** A first start that was killed leaves programs and a database that are not whole and never were in use. */
    void setAsideUnfinished() throws IOException {
        if (isFinished()) {
            return;
        }
        for (Path part : List.of(programs(), postgres())) {
            if (Files.exists(part)) {
                Files.move(part, part.resolveSibling(part.getFileName() + ".unfinished-" + System.currentTimeMillis()));
            }
        }
    }

    boolean isFinished() {
        return Files.exists(finished());
    }

    void markFinished() throws IOException {
        Files.createFile(finished());
    }

    void release() throws IOException {
        lock.close();
    }

    private Path finished() {
        return root.resolve("postgres.finished");
    }

    private static Path lockFile(Path root) {
        return root.resolve("herald.lock");
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            @Nullable FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
