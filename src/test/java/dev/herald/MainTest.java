package dev.herald;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void checks_a_valid_configuration() {
        assertThat(run(List.of("--check-config"), Map.of())).isZero();
        assertThat(out).hasToString("configuration is valid" + System.lineSeparator());
    }

    @Test
    void names_every_problem_and_ends_with_code_two() {
        assertThat(run(List.of("--check-config"), Map.of("HERALD_HTTP_PORT", "x", "HERALD_WS_PORT", "y")))
                .isEqualTo(2);
        assertThat(err.toString()).contains("http.port: must be").contains("ws.port: must be");
    }

    @Test
    void does_not_start_with_a_bad_configuration() {
        assertThat(run(List.of(), Map.of("HERALD_HTTP_PORT", "x"))).isEqualTo(2);
    }

    @Test
    void explains_itself() {
        assertThat(run(List.of("--help"), Map.of())).isZero();
        assertThat(out.toString()).contains("--config FILE");
    }

    @Test
    void refuses_what_it_does_not_know() {
        assertThat(run(List.of("--verbose"), Map.of())).isEqualTo(2);
        assertThat(run(List.of("--config"), Map.of())).isEqualTo(2);
        assertThat(err.toString()).contains("Usage:");
    }

    private int run(List<String> args, Map<String, String> environment) {
        return new Main(new PrintStream(out), new PrintStream(err))
                .run(args, environment)
                .orElseThrow();
    }
}
