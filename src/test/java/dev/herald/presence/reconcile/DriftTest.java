package dev.herald.presence.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.presence.reconcile.Drift.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DriftTest {
    @Test
    void the_documented_kinds_are_those_that_there_are() throws IOException {
        String kinds = Stream.of(Kind.values()).map(Kind::word).collect(Collectors.joining(", "));
        try (InputStream document = Objects.requireNonNull(getClass().getResourceAsStream("/openapi.yaml"))) {
            assertThat(new String(document.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("DriftKind: { enum: [" + kinds + "] }");
        }
    }
}
