package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PgProgramsIT {
    @TempDir
    Path folder;

    @Test
    void unpacks_the_same_with_and_without_the_systems_tar() throws Exception {
        Path byTar = PgPrograms.unpacked(folder.resolve("bin")).folder();
        Path here = Files.createDirectory(folder.resolve("here"));

        PgPrograms.unpackHere(PgPrograms.archive(), here);

        Files.delete(byTar.resolve("unpack.log"));
        assertThat(contents(here)).contains("bin/postgres", "bin/initdb").isEqualTo(contents(byTar));
        assertThat(here.resolve("bin/postgres")).isExecutable().hasSameBinaryContentAs(byTar.resolve("bin/postgres"));
    }

    @Test
    void unpacks_once() throws Exception {
        Path first = PgPrograms.unpacked(folder).folder();
        Path marked = Files.createFile(first.resolve("marked"));

        assertThat(PgPrograms.unpacked(folder).folder()).isEqualTo(first);
        assertThat(marked).exists();
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).containsExactly(first);
        }
    }

    private static Set<String> contents(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.map(path -> root.relativize(path) + kind(path)).collect(Collectors.toSet());
        }
    }

    private static String kind(Path path) {
        try {
            if (Files.isSymbolicLink(path)) {
                return " -> " + Files.readSymbolicLink(path);
            }
            return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? "" : "/";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
