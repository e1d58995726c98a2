package dev.herald.boot;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked from the archive that comes with Herald. */
record PgPrograms(Path folder) {
    private static final Logger log = LoggerFactory.getLogger(PgPrograms.class);
    private static final int OWNER_MAY_EXECUTE = 0100;

    /** Does nothing if this archive was unpacked before; half of one never stands under the final name. */
    static PgPrograms unpacked(Path parent) throws IOException, InterruptedException {
        byte[] archive = archive();
        CRC32 crc = new CRC32();
        crc.update(archive);
        Path folder = parent.resolve("PG-%08x".formatted(crc.getValue()));
        if (!Files.exists(folder)) {
            Files.createDirectories(parent);
            Path unfinished = Files.createTempDirectory(parent, "PG-unfinished-");
            unpack(archive, unfinished);
            Files.move(unfinished, folder);
        }
        return new PgPrograms(folder);
    }

    /** The words that begin its command line; it refuses to be root, which in a user space of its own it is not. */
    List<String> command(String program) {
        List<String> words = new ArrayList<>();
        if (LinuxUtils.isUnshareAvailable()) {
            words.addAll(List.of("unshare", "-U"));
        }
        words.add(folder.resolve("bin").resolve(program).toString());
        return words;
    }

    static byte[] archive() throws IOException {
        String system = System.getProperty("os.name").startsWith("Mac") ? "Darwin" : "Linux";
        String machine = System.getProperty("os.arch").replace("amd64", "x86_64");
        try (InputStream in = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine)) {
            return in.readAllBytes();
        }
    }

    /** By the system's tar if it can, which takes less than half the time. */
    private static void unpack(byte[] archive, Path target) throws IOException, InterruptedException {
        Path packed = Files.write(target.resolve("archive.txz"), archive);
        try {
            Program.run(
                    List.of("tar", "-xoJf", packed.toString(), "-C", target.toString()), target.resolve("unpack.log"));
        } catch (IOException | StartException e) {
            log.info("unpacking PostgreSQL without tar and xz, which is slower: {}", e.getMessage());
            unpackHere(archive, target);
        }
        Files.delete(packed);
    }

    static void unpackHere(byte[] archive, Path target) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = target.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else {
                    Files.createDirectories(path.resolveSibling("."));
                    Files.deleteIfExists(path);
                    unpackOne(tar, entry, path);
                }
            }
        }
    }

    private static void unpackOne(TarArchiveInputStream tar, TarArchiveEntry entry, Path path) throws IOException {
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, path);
        if ((entry.getMode() & OWNER_MAY_EXECUTE) != 0 && !path.toFile().setExecutable(true)) {
            throw new IOException(path + " cannot be made executable");
        }
    }
}
